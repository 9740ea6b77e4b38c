import type { Request, Response } from 'express';
import { contextOf } from './request-context.js';
import { wasCut } from './request-cut.js';

/**
 * The one signal of a request. It aborts when the response is over: sent, failed or abandoned. All work for the request
 * uses it, so no work continues after the answer.
 */
export function requestSignal(request: Request, response: Response): AbortSignal {
  const context = contextOf(response);
  if (context.signal) return context.signal;
  const controller = new AbortController();
  const abort = (): void => {
    const why = wasCut(request) ? 'The service shut down.' : 'The caller left.';
    controller.abort(new DOMException(why, 'AbortError'));
  };
  // The caller may have left before the first use of the signal: "close" does not come again.
  if (response.closed) abort();
  else response.once('close', abort);
  context.signal = controller.signal;
  return controller.signal;
}
