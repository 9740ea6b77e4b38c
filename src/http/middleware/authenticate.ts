import type { RequestHandler, Response } from 'express';
import type { AccessControl, Caller } from '../../access/access-control.js';
import { refusalError } from '../../access/refusal-error.js';
import { contextOf } from '../request/request-context.js';

/** Identifies the caller, for limits and the log. Rejects no call. */
export function identifyCaller(control: AccessControl): RequestHandler {
  return (request, response, next) => {
    const { headers, socket } = request;
    contextOf(response).caller = control.identify({ address: socket.remoteAddress, headers });
    next();
  };
}

/** Rejects calls without a valid key when keys are configured. It runs after the limits, so that guessed keys count. */
export function requireKey(control: AccessControl): RequestHandler {
  return (_request, response, next) => {
    const refusal = control.keyRefusal(identified(response));
    if (refusal?.challenge) response.set('WWW-Authenticate', refusal.challenge);
    if (refusal) throw refusalError(refusal);
    next();
  };
}

/** The caller of a request that `identifyCaller` has seen. */
export function identified(response: Response): Caller {
  const { caller } = contextOf(response);
  if (!caller) throw new Error('The caller of this request was not identified');
  return caller;
}

/** The name of the caller's key; null without one, and before the caller is identified. */
export function keyOf(response: Response): string | null {
  return contextOf(response).caller?.key ?? null;
}

/** Identifies the caller for limits and stored answers. */
export function callerOf(response: Response): string {
  return identified(response).id;
}
