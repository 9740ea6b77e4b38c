import type { RequestHandler, Response } from 'express';
import type { Admission, Load } from '../../lib/admission.js';
import { contextOf } from '../request/request-context.js';

/**
 * Refuses a call by its head when there is no room for it, so that nobody uploads a recording in vain. The place itself
 * is taken when the upload is there: a slow sender must not hold one.
 */
export function refuseWhenFull(admission: Admission): RequestHandler {
  return (_request, response, next) => {
    showLoad(response, admission.load);
    if (!contextOf(response).replayable) admission.check();
    next();
  };
}

/** The names that ElevenLabs gave these headers. */
export function showLoad(response: Response, { current, maximum }: Load): void {
  response.set({
    'current-concurrent-requests': String(current),
    'maximum-concurrent-requests': String(maximum),
  });
}
