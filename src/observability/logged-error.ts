import { AppError } from '../lib/errors.js';

const DEEPEST = 5;

/**
 * The logged form of an error: its class, message, stack and code, and those of its causes. Other properties are
 * dropped, because parsers and clients attach whole bodies and headers to their errors.
 */
export function loggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = error instanceof AppError ? error.code : 'code' in error ? error.code : undefined;
  return {
    type: name,
    message,
    ...(stack !== undefined && { stack }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error instanceof AppError && { status: error.status }),
    ...(cause !== undefined && depth < DEEPEST && { cause: loggedError(cause, depth + 1) }),
  };
}
