import express, { type Request, type RequestHandler } from 'express';
import { invalidRequest, overloaded } from '../../lib/errors.js';

/** Tool schemas have ten levels or so. What writes JSON calls itself for each, and would run out of stack at thousands. */
const MAX_DEPTH = 100;
/** Bodies up to this are few bytes for as many connections as there may be. */
const SMALL_BYTES = 256 * 1024;
/** Of all larger bodies that are there at a time. */
const MAX_LARGE_BYTES = 64 * 2 ** 20;
const RETRY_AFTER_MS = 2_000;

/** Takes a JSON body of so many bytes at most, whose values lie within each other no deeper than anybody needs. */
export function acceptJson(maxBytes: number): RequestHandler[] {
  return [boundLarge(maxBytes), express.json({ limit: maxBytes }), refuseDeep];
}

/** Refuses large bodies by their heads while others fill what memory there is for them; small ones always pass. */
function boundLarge(maxBytes: number): RequestHandler {
  let held = 0;
  return (request, response, next) => {
    const stated = request.get('content-encoding') === undefined ? request.get('content-length') : undefined;
    // Without a length, or packed, it may become as large as any.
    const bytes = Math.min(Number(stated ?? maxBytes), maxBytes);
    if (bytes <= SMALL_BYTES || !hasBody(request)) return next();
    if (held + bytes > MAX_LARGE_BYTES) {
      throw overloaded(
        'Too many large requests are here at once. Please try again in a moment.',
        RETRY_AFTER_MS,
        {
          code: 'too_many_large_bodies',
        },
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

const refuseDeep: RequestHandler = (request, _response, next) => {
  if (isDeeperThan(MAX_DEPTH, request.body)) {
    throw invalidRequest(`The JSON body has more than ${MAX_DEPTH} levels.`, { code: 'invalid_json' });
  }
  next();
};

/** Level by level, since depth is what there may be too much of. */
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
