import { AppError, messageOf } from '../../../lib/errors.js';
import { hasCode } from '../../../lib/system-error.js';

/** A folder's path in a message of Node or ONNX Runtime: callers read the message, and need the file's name only. */
const FOLDERS = /(?<=^|[\s'"(])(?:[A-Za-z]:)?[\\/](?:[^\\/'"\n]+[\\/])*/g;

/** 503 that names the file of the model folder which is missing, broken or does not fit the others. */
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
