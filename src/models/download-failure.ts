/** A retry may succeed: the connection broke or stalled, or the server is overloaded. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** The server's Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The content does not match the manifest or the record. It must not be resumed, but may be downloaded once more. */
export class WrongContent extends Error {
  override readonly name = 'WrongContent';
}

/** A retry cannot succeed until somebody changes something; the message says what. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}

/** The repository has no such file. */
export class FileNotFound extends PermanentFailure {}
