import { AppError, messageOf } from '../../../lib/errors.js';
import { hasCode } from '../../../lib/system-error.js';

/**
 * Matches the folder's path in a message of Node or ONNX Runtime. Callers see the message and need only the file's
 * name.
 */
const FOLDERS = /(?<=^|[\s'"(])(?:[A-Za-z]:)?[\\/](?:[^\\/'"\n]+[\\/])*/g;

/** A 503 error that names the file of the model folder that is missing, broken or does not match the other files. */
export function unusableFile(file: string, error: unknown): AppError {
  const line = messageOf(error).split('\n', 1)[0] ?? '';
  const why = hasCode(error, 'ENOENT') ? 'it is missing' : line.replace(FOLDERS, '').replace(/\.$/, '');
  return new AppError(`The model file ${file} cannot be used: ${why}.`, {
    status: 503,
    type: 'server_error',
    code: 'model_unusable',
    cause: error,
  });
}
