/** Trying again may work: a cut, a silence, an overloaded server. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  /** How long the server asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What came is not what the manifest or the record describes: not to be resumed, but worth fetching once more. */
export class WrongContent extends Error {
  override readonly name = 'WrongContent';
}

/** Trying again cannot help until somebody changes something; the message says what. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';
}

/** The repository has no such file. */
export class FileNotFound extends PermanentFailure {}
