import type { Request, Response } from 'express';
import { wasCut } from './request-cut.js';

/**
 * One signal per request: it aborts when the response is over, sent, failed or abandoned. Everything that the request
 * started hangs on it, so nothing outlives its answer.
 */
export function requestSignal(request: Request, response: Response): AbortSignal {
  const existing = response.locals['signal'] as AbortSignal | undefined;
  if (existing) return existing;
  const controller = new AbortController();
  const abort = (): void => {
    const why = wasCut(request) ? 'The service went down.' : 'The caller left.';
    controller.abort(new DOMException(why, 'AbortError'));
  };
  // A caller may leave between the end of its upload and the first look at the signal: "close" is over then.
  if (response.closed) abort();
  else response.once('close', abort);
  response.locals['signal'] = controller.signal;
  return controller.signal;
}
