import { invalidRequest, overloaded, type AppError } from '../lib/errors.js';
import type { Refusal } from './access-control.js';

/** The error that carries a refusal to the caller. */
export function refusalError({ status, code, message, retryAfterMs }: Refusal): AppError {
  if (retryAfterMs !== null) return overloaded(message, retryAfterMs, { code });
  return invalidRequest(message, { status, code });
}
