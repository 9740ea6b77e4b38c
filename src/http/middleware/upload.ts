import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import multer, { MulterError } from 'multer';
import { invalidRequest, messageOf, unavailable } from '../../lib/errors.js';
import type { Logger } from '../../observability/logger.js';
import { requestSignal } from '../request-signal.js';

export interface UploadOptions {
  /** A private folder of this process; each request gets its own folder inside. */
  directory: string;
  maxBytes: number;
  logger: Logger;
}

/** What the caller sent: the path of its audio, and its other fields as strings. */
export interface Upload {
  path: string;
  fields: Record<string, unknown>;
}

const FIELD_LIMITS = {
  files: 1,
  fields: 32,
  parts: 40,
  fieldSize: 256 * 1024,
  fieldNameSize: 100,
  headerPairs: 50,
};
const RAW_TYPES = ['audio/*', 'video/*', 'application/octet-stream', 'application/ogg'];
const OWNER_ONLY = 0o600;

/**
 * Takes one recording, as the multipart field `file` or as the whole body with the fields in the query, into a file that
 * only this request knows. The file is gone when the response is: sent, failed or abandoned.
 */
export function acceptUpload(options: UploadOptions): RequestHandler {
  return async (request, response, next) => {
    refuseTooLarge(request, options.maxBytes);
    const folder = await privateFolder(options, response);
    const multipart = request.is('multipart/form-data');
    if (!multipart && !request.is(RAW_TYPES) && request.get('content-type') !== undefined)
      throw wrongType(request);
    const upload = multipart
      ? await receiveMultipart(request, response, folder, options.maxBytes)
      : await receiveBody(request, response, folder, options.maxBytes);
    response.locals['upload'] = upload;
    next();
  };
}

export function uploadOf(response: Response): Upload {
  return response.locals['upload'] as Upload;
}

function wrongType(request: Request): Error {
  return invalidRequest(
    `Send the recording as multipart/form-data with the field "file", or as the body with an audio content type; this was ${request.get('content-type')?.slice(0, 80)}.`,
    { status: 415, code: 'unsupported_media_type', param: 'file' },
  );
}

function tooLarge(maxBytes: number): Error {
  return invalidRequest(
    `The upload is larger than the ${Math.floor(maxBytes / 2 ** 20)} MiB this service takes.`,
    {
      status: 413,
      code: 'file_too_large',
      param: 'file',
    },
  );
}

function refuseTooLarge(request: Request, maxBytes: number): void {
  const multipartOverhead = 1024 * 1024;
  if (Number(request.get('content-length') ?? 0) > maxBytes + multipartOverhead) throw tooLarge(maxBytes);
}

async function privateFolder({ directory, logger }: UploadOptions, response: Response): Promise<string> {
  const folder = join(directory, randomUUID());
  response.once('close', () => {
    rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      logger.error({ error }, 'an upload could not be removed'),
    );
  });
  await mkdir(folder, { mode: 0o700, recursive: true });
  return folder;
}

async function receiveMultipart(
  request: Request,
  response: Response,
  folder: string,
  maxBytes: number,
): Promise<Upload> {
  const storage = multer.diskStorage({
    destination: folder,
    filename: (_request, _file, done) => done(null, 'upload'),
  });
  const receive = multer({ storage, limits: { ...FIELD_LIMITS, fileSize: maxBytes } }).single('file');
  await new Promise<void>((resolve, reject) => {
    receive(request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(callerLeft(request) ?? uploadError(error, maxBytes));
    });
  });
  if (!request.file)
    throw invalidRequest('There is no recording: send it as the multipart field "file".', {
      code: 'missing_file',
      param: 'file',
    });
  return { path: request.file.path, fields: { ...(request.body as Record<string, unknown>) } };
}

/** A full disk, a folder that is gone: ours to mend, not the caller's. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function noRoom(cause: unknown): Error {
  return unavailable('The recording could not be stored here. Please try again in a moment.', 5_000, {
    code: 'upload_not_stored',
    cause,
  });
}

function callerLeft(request: Request): Error | null {
  return request.destroyed && !request.complete ? new DOMException('The caller left.', 'AbortError') : null;
}

function uploadError(error: unknown, maxBytes: number): Error {
  if (isSystemError(error)) return noRoom(error);
  if (!(error instanceof MulterError)) {
    return invalidRequest('The multipart body is broken or ends too early.', {
      code: 'invalid_multipart',
      cause: error,
    });
  }
  if (error.code === 'LIMIT_FILE_SIZE') return tooLarge(maxBytes);
  if (error.code === 'LIMIT_UNEXPECTED_FILE' || error.code === 'LIMIT_FILE_COUNT') {
    return invalidRequest('Send one recording, as the multipart field "file".', {
      code: 'unexpected_file',
      param: 'file',
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
  maxBytes: number,
): Promise<Upload> {
  const path = join(folder, 'upload');
  const signal = requestSignal(request, response);
  const file = await open(path, 'wx', OWNER_ONLY);
  let received = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > maxBytes) throw tooLarge(maxBytes);
      await file.writeFile(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw isSystemError(error) ? noRoom(error) : error;
  } finally {
    await file.close();
  }
  if (received === 0) throw invalidRequest('The recording is empty.', { code: 'empty_audio', param: 'file' });
  return { path, fields: { ...request.query } };
}
