import { AppError, INTERNAL_ERROR_MESSAGE } from '../../lib/errors.js';
import type { Failure } from '../session/inputs.js';

/** What a client is told of anything thrown: an AppError's own words, otherwise only that it was not the client's fault. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof AppError)) {
    return {
      type: 'server_error',
      code: 'internal_error',
      message: INTERNAL_ERROR_MESSAGE,
    };
  }
  return { type: error.type, code: error.code ?? error.type, message: error.message };
}
