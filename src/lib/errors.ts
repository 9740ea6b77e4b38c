export type ErrorType =
  'invalid_request_error' | 'authentication_error' | 'permission_error' | 'rate_limit_error' | 'server_error';

export interface AppErrorOptions {
  status: number;
  type: ErrorType;
  code?: string;
  /** The invalid request field, named as the caller sent it. */
  param?: string;
  /** Milliseconds until a retry can succeed. It makes the error retryable. */
  retryAfterMs?: number;
  /** Calls that the rejecting part has, and the most that it accepts. */
  load?: { current: number; maximum: number };
  cause?: unknown;
}

/**
 * An error whose message is written for the caller. Every other error is logged in full, and the caller sees only
 * "internal error".
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly status: number;
  readonly type: ErrorType;
  readonly code: string | null;
  readonly param: string | null;
  readonly retryAfterMs: number | null;
  readonly load: { readonly current: number; readonly maximum: number } | null;

  constructor(message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.type = options.type;
    this.code = options.code ?? null;
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.load = options.load ?? null;
  }
}

type Details = Omit<Partial<AppErrorOptions>, 'type'>;

/** The request itself is wrong, and repeating it cannot help. 400 unless `status` is given. */
export function invalidRequest(message: string, details: Details = {}): AppError {
  return new AppError(message, { status: 400, ...details, type: 'invalid_request_error' });
}

/** 429: a bounded queue is full. A retry succeeds when the queue is shorter. */
export function overloaded(message: string, retryAfterMs: number, details: Details = {}): AppError {
  return new AppError(message, {
    code: 'overloaded',
    ...details,
    status: 429,
    type: 'rate_limit_error',
    retryAfterMs,
  });
}

/** 503: a part of the service is not available now (loading, restarting, disconnected). */
export function unavailable(message: string, retryAfterMs: number, details: Details = {}): AppError {
  return new AppError(message, {
    code: 'unavailable',
    ...details,
    status: 503,
    type: 'server_error',
    retryAfterMs,
  });
}

/** 503 for new work while the service stops. */
export function serviceStopping(): AppError {
  return unavailable('The service is shutting down; another instance will answer.', 1_000, {
    code: 'shutting_down',
  });
}

/** The message for errors that the caller did not cause. The details are only in the log. */
export const INTERNAL_ERROR_MESSAGE = 'Internal error; quote the x-request-id.';

/** The message of anything thrown, for logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
