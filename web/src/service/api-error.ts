/** A refusal of the service, or a connection that failed. */
export class ApiError extends Error {
  /** 0 where the service could not be reached. */
  readonly status: number;
  readonly code: string | null;
  readonly retryAfterMs: number | null;

  constructor(status: number, message: string, code: string | null, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The error body of the service, which is OpenAI's. A proxy in front may answer with anything else. */
export async function errorOf(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get('retry-after-ms') ?? NaN);
  const retryAfterMs = Number.isFinite(wait) ? wait : null;
  const fallback = `${response.status} ${response.statusText}`.trim();
  try {
    const body = (await response.json()) as { error?: { message?: unknown; code?: unknown } };
    const message = typeof body.error?.message === 'string' ? body.error.message : fallback;
    const code = typeof body.error?.code === 'string' ? body.error.code : null;
    return new ApiError(response.status, message, code, retryAfterMs);
  } catch {
    return new ApiError(response.status, fallback, null, retryAfterMs);
  }
}
