import type { IncomingHttpHeaders } from 'node:http';
import { invalidRequest, unavailable } from '../../lib/errors.js';

export const UPLOADS_PATH = '/v1/uploads';
/** Version 1.0.0 of the resumable upload protocol of https://tus.io. */
export const TUS_VERSION = '1.0.0';
export const TUS_HEADER = 'Tus-Resumable';
const WHOLE_NUMBER = /^\d{1,15}$/;
/** A key of printable ASCII without blank and comma, and base64 with its padding. */
const METADATA_PAIR =
  /^([\x21-\x2b\x2d-\x7e]+)(?: ((?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?))?$/;
const OFFSET_TYPE = 'application/offset+octet-stream';
/** HEAD sends it back, and a whole response head must stay small: see response/head-budget. */
const MAX_METADATA_BYTES = 1_024;
const RETRY_AFTER_MS = 5_000;

/** Throws AppError for headers that the protocol does not allow. Each refusal names the header. */
export function checkTusHeaders(method: string, headers: IncomingHttpHeaders): void {
  if (headers['tus-resumable'] !== TUS_VERSION)
    throw wrongHeader(TUS_HEADER, `must be ${TUS_VERSION}, the version that this server speaks`, 412);
  if (method === 'POST') checkCreation(headers);
  if (method === 'PATCH') checkAppend(headers);
}

function checkCreation(headers: IncomingHttpHeaders): void {
  if (headers['upload-concat'] !== undefined)
    throw wrongHeader('Upload-Concat', 'is not supported; switch parallel uploads off in the client');
  if (headers['upload-defer-length'] !== undefined)
    throw wrongHeader(
      'Upload-Defer-Length',
      'is not supported: send Upload-Length, so that the space is reserved',
    );
  if (!WHOLE_NUMBER.test(String(headers['upload-length'])))
    throw wrongHeader('Upload-Length', 'must be the length of the file in bytes');
  if (String(headers['upload-metadata'] ?? '').length > MAX_METADATA_BYTES)
    throw wrongHeader('Upload-Metadata', `may have ${MAX_METADATA_BYTES} bytes`);
  if (parseMetadata(headers['upload-metadata']) === null)
    throw wrongHeader('Upload-Metadata', 'must be pairs of a key and a base64 value, separated by commas');
}

/** Pairs of a key and a value in base64, separated by commas; a key may stand alone. Null for anything else. */
export function parseMetadata(header: string | string[] | undefined): Record<string, string | null> | null {
  if (header === undefined) return {};
  const pairs = String(header)
    .split(',')
    .map((pair) => METADATA_PAIR.exec(pair));
  const entries = pairs.flatMap((pair) => (pair ? [[pair[1] ?? '', decodedValue(pair[2])] as const] : []));
  const unique = new Set(entries.map(([key]) => key)).size === entries.length;
  return entries.length === pairs.length && unique ? Object.fromEntries(entries) : null;
}

function decodedValue(base64: string | undefined): string | null {
  return base64 === undefined ? null : Buffer.from(base64, 'base64').toString('utf8');
}

function checkAppend(headers: IncomingHttpHeaders): void {
  if (!WHOLE_NUMBER.test(String(headers['upload-offset'])))
    throw wrongHeader('Upload-Offset', 'must be the number of bytes that the server has');
  if (headers['content-type'] !== OFFSET_TYPE)
    throw wrongHeader('Content-Type', `must be ${OFFSET_TYPE}`, 415);
}

function wrongHeader(name: string, rule: string, status = 400): Error {
  return invalidRequest(`The header ${name} ${rule}.`, {
    status,
    code: 'invalid_upload_header',
    param: name,
  });
}

/** The library's error as one of ours. Its texts are for developers of tus; its statuses follow the protocol. */
export function tusError(error: Error | { status_code: number; body: string }): Error {
  if (!('status_code' in error)) return error;
  const { status_code: status, body } = error;
  if (status === 409)
    return invalidRequest(
      'The offset is not the number of bytes that the server has: ask for it with HEAD.',
      {
        status,
        code: 'offset_conflict',
        param: 'Upload-Offset',
      },
    );
  if (status === 404 || status === 410) return goneUpload();
  if (status === 413)
    return invalidRequest('The body is longer than the rest of the upload.', {
      status,
      code: 'upload_too_long',
    });
  if (/lock/i.test(body)) return lockedUpload();
  if (status < 500)
    return invalidRequest(`The upload request is not valid: ${body.trim()}`, { code: 'invalid_upload' });
  return unavailable('The upload could not be stored. Please resume it in a moment.', RETRY_AFTER_MS, {
    code: 'upload_not_stored',
    cause: error,
  });
}

function goneUpload(): Error {
  return invalidRequest('No upload has this id.', { status: 404, code: 'upload_not_found', param: 'id' });
}

/** 423, which clients of tus repeat. */
function lockedUpload(): Error {
  return invalidRequest('Another request writes to this upload. Resume it in a moment.', {
    status: 423,
    code: 'upload_locked',
  });
}
