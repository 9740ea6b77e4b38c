import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Request, RequestHandler, Response } from 'express';
import multer, { MulterError } from 'multer';
import { invalidRequest, messageOf, unavailable } from '../../lib/errors.js';
import { isSystemError } from '../../lib/system-error.js';
import type { Logger } from '../../observability/logger.js';
import { requestSignal } from '../request/request-signal.js';

export interface UploadOptions {
  /** A private folder of this process; each request gets its own folder inside. */
  directory: string;
  maxBytes: number;
  /** The multipart field with the recording; `file` where it is not said. */
  field?: string;
  logger: Logger;
}

type Limits = Required<Pick<UploadOptions, 'field' | 'maxBytes'>>;

/** What the caller sent: the path of its audio, and its other fields as strings. */
export interface Upload {
  path: string;
  fields: Record<string, unknown>;
}

const FIELD_LIMITS = {
  files: 1,
  // A list has a field for each of its items.
  fields: 128,
  parts: 136,
  fieldSize: 256 * 1024,
  fieldNameSize: 100,
  // "a[9999999]" alone would be a list of ten million, for whoever reads it.
  fieldNestingDepth: 2,
  fieldArrayIndexLimit: 127,
  headerPairs: 50,
};
/** Of all fields of a request, which are held in memory: a long history and some more. */
const MAX_FIELDS_BYTES = 512 * 1024;
const RAW_TYPES = ['audio/*', 'video/*', 'application/octet-stream', 'application/ogg'];
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const REMOVAL_RETRIES = 5;

/**
 * Takes one recording, as a multipart field or as the whole body with the fields in the query, into a file that
 * only this request knows. The file is gone when the response is: sent, failed or abandoned.
 */
export function acceptUpload(options: UploadOptions): RequestHandler {
  return async (request, response, next) => {
    const limits = { maxBytes: options.maxBytes, field: options.field ?? 'file' };
    refuseTooLarge(request, limits);
    const folder = await privateFolder(options, response);
    const multipart = request.is('multipart/form-data');
    if (!multipart && !request.is(RAW_TYPES) && request.get('content-type') !== undefined)
      throw wrongType(request, limits);
    const upload = multipart
      ? await receiveMultipart(request, response, folder, limits)
      : await receiveBody(request, response, folder, limits);
    response.locals['upload'] = upload;
    next();
  };
}

/** For what serves routes with and without a recording. */
export function uploadIfAny(response: Response): Upload | undefined {
  return response.locals['upload'] as Upload | undefined;
}

export function uploadOf(response: Response): Upload {
  return response.locals['upload'] as Upload;
}

function wrongType(request: Request, { field }: Limits): Error {
  return invalidRequest(
    `Send the recording as multipart/form-data with the field "${field}", or as the body with an audio content type; this was ${request.get('content-type')?.slice(0, 80)}.`,
    { status: 415, code: 'unsupported_media_type', param: field },
  );
}

function tooLarge({ field, maxBytes }: Limits): Error {
  return invalidRequest(
    `The upload is larger than the ${Math.floor(maxBytes / 2 ** 20)} MiB this service takes.`,
    {
      status: 413,
      code: 'file_too_large',
      param: field,
    },
  );
}

function refuseTooLarge(request: Request, limits: Limits): void {
  const multipartOverhead = 1024 * 1024;
  if (Number(request.get('content-length') ?? 0) > limits.maxBytes + multipartOverhead)
    throw tooLarge(limits);
}

async function privateFolder({ directory, logger }: UploadOptions, response: Response): Promise<string> {
  const folder = join(directory, randomUUID());
  const made = mkdir(folder, { mode: OWNER_ONLY_FOLDER, recursive: true });
  const remove = (): void => {
    // A caller may leave while the folder is being made or a file in it is being opened: neither may outlive the call.
    made
      .then(() => rm(folder, { recursive: true, force: true, maxRetries: REMOVAL_RETRIES }))
      .catch((error: unknown) => logger.error({ error }, 'an upload could not be removed'));
  };
  if (response.closed) remove();
  else response.once('close', remove);
  await made;
  if (response.closed) throw new DOMException('The caller left.', 'AbortError');
  return folder;
}

async function receiveMultipart(
  request: Request,
  response: Response,
  folder: string,
  limits: Limits,
): Promise<Upload> {
  const { field, maxBytes } = limits;
  const storage = multer.diskStorage({
    destination: folder,
    filename: (_request, _file, done) => done(null, 'upload'),
  });
  const options = { storage, limits: { ...FIELD_LIMITS, fileSize: maxBytes }, streamHandler: pipeCounted };
  const receive = multer(options).single(field);
  await new Promise<void>((resolve, reject) => {
    receive(request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(callerLeft(request) ?? uploadError(error, limits));
    });
  });
  if (!request.file)
    throw invalidRequest(`There is no recording: send it as the multipart field "${field}".`, {
      code: 'missing_file',
      param: field,
    });
  return { path: request.file.path, fields: { ...(request.body as Record<string, unknown>) } };
}

/** Multer limits each field, not all of them together. */
function pipeCounted(request: Request, parser: Writable): void {
  let bytes = 0;
  parser.on('field', (name: string, value: string) => {
    bytes += Buffer.byteLength(value);
    if (bytes > MAX_FIELDS_BYTES) parser.destroy(new MulterError('LIMIT_FIELD_VALUE', name));
  });
  request.pipe(parser);
}

/** A full disk, a folder that is gone: ours to mend, not the caller's. */
function noRoom(cause: unknown): Error {
  return unavailable('The recording could not be stored here. Please try again in a moment.', 5_000, {
    code: 'upload_not_stored',
    cause,
  });
}

function callerLeft(request: Request): Error | null {
  return request.destroyed && !request.complete ? new DOMException('The caller left.', 'AbortError') : null;
}

function uploadError(error: unknown, limits: Limits): Error {
  if (isSystemError(error)) return noRoom(error);
  if (!(error instanceof MulterError)) {
    return invalidRequest('The multipart body is broken or ends too early.', {
      code: 'invalid_multipart',
      cause: error,
    });
  }
  if (error.code === 'LIMIT_FILE_SIZE') return tooLarge(limits);
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

/** Leaves the rest of a refused body unread, so that the refusal can still be answered. */
async function receiveBody(
  request: Request,
  response: Response,
  folder: string,
  limits: Limits,
): Promise<Upload> {
  const path = join(folder, 'upload');
  const signal = requestSignal(request, response);
  const file = await open(path, 'wx', OWNER_ONLY);
  let received = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > limits.maxBytes) throw tooLarge(limits);
      await file.writeFile(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw isSystemError(error) ? noRoom(error) : error;
  } finally {
    await file.close();
  }
  if (received === 0)
    throw invalidRequest('The recording is empty.', { code: 'empty_audio', param: limits.field });
  return { path, fields: { ...request.query } };
}
