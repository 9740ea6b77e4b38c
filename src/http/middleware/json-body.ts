import express, { type RequestHandler } from 'express';
import { invalidRequest } from '../../lib/errors.js';

/** Tool schemas have ten levels or so. What writes JSON calls itself for each, and would run out of stack at thousands. */
const MAX_DEPTH = 100;

/** Takes a JSON body of so many bytes at most, whose values lie within each other no deeper than anybody needs. */
export function acceptJson(maxBytes: number): RequestHandler[] {
  return [express.json({ limit: maxBytes }), refuseDeep];
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
