import { invalidRequest } from '../../lib/errors.js';
import { PublicHttpError } from '../../lib/public-http/public-http-error.js';

/** The failure of a URL that came in this field, as an AppError 400 or 413; any other error as it is. */
export function refusedUrl(error: unknown, param: string): unknown {
  if (!(error instanceof PublicHttpError)) return error;
  const status = error.failure === 'too_large' ? 413 : 400;
  return invalidRequest(error.message, { status, code: error.failure, param, cause: error });
}
