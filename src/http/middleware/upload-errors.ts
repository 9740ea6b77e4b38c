import { invalidRequest, unavailable } from '../../lib/errors.js';

/** Limits of one upload: the field of the recording, and its size. */
export interface UploadLimits {
  field: string;
  maxBytes: number;
  /** Bytes of one text field, and of all of them together, which are held in memory. */
  fieldBytes: number;
  allFieldsBytes: number;
}

export function fileTooLarge({ field, maxBytes }: Pick<UploadLimits, 'field' | 'maxBytes'>): Error {
  return invalidRequest(`The upload is larger than the limit of ${Math.floor(maxBytes / 2 ** 20)} MiB.`, {
    status: 413,
    code: 'file_too_large',
    param: field,
  });
}

/** A full disk or a missing folder. The operator has to fix it, not the caller. */
export function notStored(cause: unknown): Error {
  return unavailable('The recording could not be stored here. Please try again in a moment.', 5_000, {
    code: 'upload_not_stored',
    cause,
  });
}
