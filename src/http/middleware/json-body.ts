import express, { type Request, type RequestHandler } from 'express';
import { invalidRequest, overloaded } from '../../lib/errors.js';
import { fieldName } from '../request/fields.js';
import { foreignCharset, mediaTypeOf } from '../request/media-type.js';
import { decodeUtf8, unsupportedCharset } from '../request/text-encoding.js';

/** Tool schemas have about ten levels. JSON writers recurse and would overflow the stack at thousands of levels. */
const MAX_DEPTH = 100;
/** Bodies of this size are harmless, even one on each connection. */
const SMALL_BYTES = 256 * 1024;
/** Limit for the total size of all larger bodies in memory. */
const MAX_LARGE_BYTES = 64 * 2 ** 20;
const RETRY_AFTER_MS = 2_000;
/** The escape of half a surrogate pair, if the other half is missing. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/** Reads JSON bodies of at most `maxBytes`, in UTF-8, with at most MAX_DEPTH levels. */
export function acceptJson(maxBytes: number): RequestHandler[] {
  return [
    limitLargeBodies(maxBytes),
    refuseCharsets,
    express.raw({ limit: maxBytes, type: isJson }),
    parseBody,
  ];
}

function isJson({ headers }: { headers: Request['headers'] }): boolean {
  return mediaTypeOf(headers) === 'application/json';
}

/** Rejects a large body by its headers while others use up the limit. Small ones always pass. */
function limitLargeBodies(maxBytes: number): RequestHandler {
  let held = 0;
  return (request, response, next) => {
    const stated = request.get('content-encoding') === undefined ? request.get('content-length') : undefined;
    // A body that is compressed or has no length may become as large as the limit.
    const bytes = Math.min(Number(stated ?? maxBytes), maxBytes);
    if (bytes <= SMALL_BYTES || !hasBody(request)) return next();
    if (held + bytes > MAX_LARGE_BYTES) {
      throw overloaded(
        'Too many large requests are in progress. Please try again in a moment.',
        RETRY_AFTER_MS,
        { code: 'too_many_large_bodies' },
      );
    }
    held += bytes;
    response.once('close', () => (held -= bytes));
    next();
  };
}

function hasBody({ headers }: Request): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

const refuseCharsets: RequestHandler = (request, _response, next) => {
  const charset = isJson(request) ? foreignCharset(request.get('content-type') ?? '') : null;
  if (charset !== null) throw unsupportedCharset('The JSON body', charset);
  next();
};

const parseBody: RequestHandler = (request, _response, next) => {
  const bytes: unknown = request.body;
  if (Buffer.isBuffer(bytes)) request.body = parseJson(decodeUtf8(bytes, 'The JSON body'));
  next();
};

/** An empty body counts as an object without fields: the answer then names the field that is missing. */
function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  const value = parsed(text);
  if (isDeeperThan(MAX_DEPTH, value))
    throw invalidRequest(`The JSON body has more than ${MAX_DEPTH} levels.`, { code: 'invalid_json' });
  const half = SURROGATE_ESCAPE.test(text) ? pathOfHalfCharacter(value, []) : null;
  if (half !== null) {
    const param = fieldName(half);
    throw invalidRequest(
      `"${param}" contains half of a character (an unpaired surrogate): its text was cut inside a character.`,
      {
        code: 'invalid_encoding',
        param,
      },
    );
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidRequest('The body is not valid JSON.', { code: 'invalid_json', cause });
  }
}

/** The path of a string or key with an unpaired surrogate; null if there is none. */
function pathOfHalfCharacter(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (typeof value === 'string') return isWhole(value) ? null : path;
  if (!isObject(value)) return null;
  for (const [key, item] of Object.entries(value)) {
    if (!isWhole(key)) return path;
    const found = pathOfHalfCharacter(item, [...path, Array.isArray(value) ? Number(key) : key]);
    if (found !== null) return found;
  }
  return null;
}

function isWhole(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Goes level by level, because recursion would fail at the depth that this function detects. */
function isDeeperThan(limit: number, value: unknown): boolean {
  let level = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === limit) return true;
    level = level.flatMap((parent) => Object.values(parent).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
