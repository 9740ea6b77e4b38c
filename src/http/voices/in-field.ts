import { AppError } from '../../lib/errors.js';

/** What decodes and judges recordings knows them as `file`: here what it refuses gets the name that the caller sent it by. */
export async function inField<T>(field: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AppError) || error.param !== 'file') throw error;
    const { message, status, type, code, retryAfterMs } = error;
    throw new AppError(message, {
      status,
      type,
      param: field,
      ...(code !== null && { code }),
      ...(retryAfterMs !== null && { retryAfterMs }),
      cause: error,
    });
  }
}
