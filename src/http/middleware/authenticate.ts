import type { Request, RequestHandler, Response } from 'express';
import { invalidRequest } from '../../lib/errors.js';
import { ownerOf, type NamedHash } from '../../lib/key-ring.js';
import { networkOf } from '../network.js';

const BEARER = /^Bearer +(\S+) *$/i;
export const KEY_HEADER = 'x-api-key';

/** Finds out who calls, for limits and the log: the owner of the key, or the network the call came from. Refuses nobody. */
export function identifyCaller(keys: readonly NamedHash[]): RequestHandler {
  return (request, response, next) => {
    const name = secretsOf(request).reduce<string | null>(
      (found, secret) => found ?? ownerOf(secret, keys),
      null,
    );
    if (name !== null) response.locals['key'] = name;
    response.locals['caller'] = name === null ? `address ${networkOf(request.ip)}` : `key ${name}`;
    next();
  };
}

/** Lets nobody pass without a key, where there are any. Comes after the limits, so that guesses count. */
export function requireKey(keys: readonly NamedHash[]): RequestHandler {
  return (request, response, next) => {
    if (keys.length === 0 || keyOf(response) !== null) return next();
    const given = request.get('authorization') !== undefined || request.get(KEY_HEADER) !== undefined;
    response.set('WWW-Authenticate', `Bearer realm="kallemni"${given ? ', error="invalid_token"' : ''}`);
    const message = given
      ? 'Incorrect API key provided.'
      : 'You did not provide an API key. Send it as "Authorization: Bearer YOUR_KEY" or "x-api-key: YOUR_KEY".';
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

/** Both headers count: a gateway in front may take one of them for a key of its own. */
function secretsOf(request: Request): string[] {
  const bearer = BEARER.exec(request.get('authorization') ?? '')?.[1];
  return [request.get(KEY_HEADER), bearer].flatMap((secret) => secret || []);
}
