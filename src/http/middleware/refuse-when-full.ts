import type { RequestHandler, Response } from 'express';
import type { Admission, Load } from '../../lib/admission.js';
import { contextOf } from '../request/request-context.js';

/**
 * Rejects a call before its body is read if the queue is full, which saves the caller the upload. The place in the queue is
 * taken after the upload, so that a slow sender does not hold one.
 */
export function refuseWhenFull(admission: Admission): RequestHandler {
  return (_request, response, next) => {
    showLoad(response, admission.load);
    if (!contextOf(response).replayable) admission.check();
    next();
  };
}

/** The header names are those of ElevenLabs. */
export function showLoad(response: Response, { current, maximum }: Load): void {
  response.set({
    'current-concurrent-requests': String(current),
    'maximum-concurrent-requests': String(maximum),
  });
}
