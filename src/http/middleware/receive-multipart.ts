import type { IncomingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';
import type { Request, Response } from 'express';
import multer, { MulterError } from 'multer';
import { AppError, invalidRequest, messageOf } from '../../lib/errors.js';
import { isSystemError } from '../../lib/system-error.js';
import { headerParameters } from '../request/media-type.js';
import { MultipartNormaliser } from '../request/multipart-normaliser.js';
import type { Upload } from '../request/request-context.js';
import { decodeUtf8, unsupportedCharset } from '../request/text-encoding.js';
import { fileTooLarge, notStored, type LargeField, type UploadLimits } from './upload-errors.js';

/** One text field; it holds a long history. */
const FIELD_BYTES = 256 * 1024;
/** All text fields together, which are held in memory. */
export const ALL_FIELDS_BYTES = 512 * 1024;
const FIELD_LIMITS = {
  files: 1,
  // A list has a field for each of its items.
  fields: 128,
  parts: 136,
  fieldNameSize: 100,
  // Without this limit, "a[9999999]" would create a list of ten million items.
  fieldNestingDepth: 2,
  fieldArrayIndexLimit: 127,
};
/** The parts of a request that multer reads. */
interface MultipartRequest extends MultipartNormaliser {
  headers: IncomingHttpHeaders;
  body?: Record<string, unknown>;
  file?: { path: string };
}

/**
 * Stores the recording of a multipart/form-data body in `folder` and returns its path and the text fields. Throws
 * AppError 4xx for an invalid form, 503 when it cannot be stored, and AbortError when the caller has left.
 */
export async function receiveMultipart(
  request: Request,
  response: Response,
  folder: string,
  limits: UploadLimits,
): Promise<Upload> {
  const { field, maxBytes, largeField } = limits;
  const form = normalised(request, field);
  const storage = multer.diskStorage({
    destination: folder,
    filename: (_request, _file, done) => done(null, 'upload'),
  });
  const options = {
    storage,
    limits: { ...FIELD_LIMITS, fieldSize: largeField?.bytes ?? FIELD_BYTES, fileSize: maxBytes },
    streamHandler: pipeCounted(largeField),
    // One character per byte; `decodedFields` decodes the bytes.
    defCharset: 'latin1',
  };
  const receive = multer(options).single(field);
  await new Promise<void>((resolve, reject) => {
    receive(form as unknown as Request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(callerLeft(request) ?? formError(error, limits));
    });
  });
  if (!form.file)
    throw invalidRequest(`There is no recording: send it as the multipart field "${field}".`, {
      code: 'missing_file',
      param: field,
    });
  return {
    path: form.file.path,
    filename: form.recording?.filename ?? null,
    mediaType: form.recording?.mediaType ?? null,
    fields: decodedFields({ ...form.body }, form.charsets),
  };
}

/** The request's body in the form that multer understands. */
function normalised(request: Request, field: string): MultipartRequest {
  const boundary = headerParameters(request.get('content-type') ?? '').get('boundary') ?? '';
  if (boundary === '')
    throw invalidRequest(
      'The Content-Type header has no boundary. Do not set this header yourself: the HTTP library sets it, with the boundary that it writes between the parts.',
      { code: 'invalid_multipart' },
    );
  const stream = new MultipartNormaliser(boundary, field);
  request.once('close', () => {
    if (!request.complete) stream.destroy(new DOMException('The caller left.', 'AbortError'));
  });
  return Object.assign(request.pipe(stream), {
    headers: {
      'content-type': `multipart/form-data; boundary=${stream.boundary}`,
      'transfer-encoding': 'chunked',
    },
  });
}

/** Multer has one limit for each field and none for all of them together. */
function pipeCounted(largeField: LargeField | null): (request: Request, parser: Writable) => void {
  return (request, parser) => {
    let bytes = 0;
    let largeBytes = 0;
    parser.on('field', (name: string, value: string) => {
      const large = name.replace(/\[\d*\]$/, '') === largeField?.name;
      if (large) largeBytes += value.length;
      else bytes += value.length;
      const tooLarge = !large && value.length > FIELD_BYTES;
      if (tooLarge || bytes > ALL_FIELDS_BYTES || largeBytes > (largeField?.allBytes ?? 0))
        parser.destroy(new MulterError('LIMIT_FIELD_VALUE', name));
    });
    request.pipe(parser);
  };
}

/** Fields as text. Their names and nested values may be lists and objects, as `a[0]` and `a[b]` make them. */
function decodedFields(
  fields: Readonly<Record<string, unknown>>,
  charsets: ReadonlyMap<string, string>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      decodeUtf8(Buffer.from(name, 'latin1'), 'The name of a form field'),
      decodedValue(value, name, charsets),
    ]),
  );
}

function decodedValue(value: unknown, name: string, charsets: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => decodedValue(item, name, charsets));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, decodedValue(item, name, charsets)]),
    );
  if (typeof value !== 'string') return value;
  const charset = charsets.get(name) ?? charsets.get(`${name}[]`);
  // Some libraries declare ISO-8859-1 for every text. Plain ASCII is the same in all charsets.
  if (charset !== undefined && !isAscii(value))
    throw unsupportedCharset(`The form field "${name}"`, charset, name);
  return decodeUtf8(Buffer.from(value, 'latin1'), `The form field "${name}"`, name);
}

/** Without NUL, which text in UTF-16 has. */
function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text) && !text.includes('\0');
}

function callerLeft(request: Request): Error | null {
  return request.destroyed && !request.complete ? new DOMException('The caller left.', 'AbortError') : null;
}

function formError(error: unknown, limits: UploadLimits): Error {
  if (error instanceof AppError) return error;
  if (isSystemError(error)) return notStored(error);
  if (!(error instanceof MulterError)) {
    return invalidRequest('The multipart body is broken or ends too early.', {
      code: 'invalid_multipart',
      cause: error,
    });
  }
  if (error.code === 'LIMIT_FILE_SIZE') return fileTooLarge(limits);
  if (error.code === 'LIMIT_UNEXPECTED_FILE' || error.code === 'LIMIT_FILE_COUNT') {
    return invalidRequest(`Send one recording, as the multipart field "${limits.field}".`, {
      code: 'unexpected_file',
      param: limits.field,
    });
  }
  return invalidRequest(`The multipart body has too many or too large fields: ${messageOf(error)}.`, {
    code: 'invalid_multipart',
    ...(error.field !== undefined && { param: error.field }),
  });
}
