/** Why a URL of a caller could not be used. */
export type PublicHttpFailure =
  /** The text is not an http or https URL, or it holds credentials. */
  | 'invalid_url'
  /** The host has an address that is not public, and the operator does not allow it. */
  | 'private_address'
  | 'unknown_host'
  /** The connection failed or broke. */
  | 'unreachable'
  | 'timeout'
  | 'too_many_redirects'
  /** The server answered with an error status, or with a redirect that was not allowed. */
  | 'bad_status'
  | 'too_large'
  /** The content is compressed or shorter than announced. */
  | 'bad_content';

/** A URL that may not or cannot be called. The message is for callers: it has no path, no query and no address. */
export class PublicHttpError extends Error {
  override readonly name = 'PublicHttpError';
  readonly failure: PublicHttpFailure;
  /** The HTTP status that the server sent, where it is the reason. */
  readonly status: number | null;

  constructor(
    failure: PublicHttpFailure,
    message: string,
    details: { status?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failure = failure;
    this.status = details.status ?? null;
  }
}
