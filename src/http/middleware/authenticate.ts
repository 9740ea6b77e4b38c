import type { Request, RequestHandler, Response } from 'express';
import { invalidRequest } from '../../lib/errors.js';
import { ownerOf, type NamedHash } from '../../lib/key-ring.js';
import { networkOf } from '../network.js';

const BEARER = /^Bearer +(\S+) *$/i;

/** Finds out who calls, for limits and the log: the owner of the key, or the network the call came from. Refuses nobody. */
export function identifyCaller(keys: readonly NamedHash[]): RequestHandler {
  return (request, response, next) => {
    const secret = bearerToken(request);
    const name = secret === undefined ? null : ownerOf(secret, keys);
    if (name !== null) response.locals['key'] = name;
    response.locals['caller'] = name === null ? `address ${networkOf(request.ip)}` : `key ${name}`;
    next();
  };
}

/** Lets nobody pass without a key, where there are any. Comes after the limits, so that guesses count. */
export function requireKey(keys: readonly NamedHash[]): RequestHandler {
  return (request, response, next) => {
    if (keys.length === 0 || keyOf(response) !== null) return next();
    const given = request.get('authorization') !== undefined;
    response.set('WWW-Authenticate', `Bearer realm="kallemni"${given ? ', error="invalid_token"' : ''}`);
    const message = given
      ? 'Incorrect API key provided.'
      : 'You did not provide an API key. Send it as "Authorization: Bearer YOUR_KEY".';
    throw invalidRequest(message, { status: 401, code: 'invalid_api_key' });
  };
}

/** The name of the caller's key; null without one. */
export function keyOf(response: Response): string | null {
  return (response.locals['key'] as string | undefined) ?? null;
}

/** Who calls, as a key for limits and stored answers. */
export function callerOf(response: Response): string {
  return response.locals['caller'] as string;
}

function bearerToken(request: Request): string | undefined {
  return BEARER.exec(request.get('authorization') ?? '')?.[1];
}
