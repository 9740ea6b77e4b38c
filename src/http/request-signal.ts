import type { Request, Response } from 'express';

/**
 * One signal per request: it aborts when the response is over, sent, failed or abandoned. Everything that the request
 * started hangs on it, so nothing outlives its answer.
 */
export function requestSignal(_request: Request, response: Response): AbortSignal {
  const existing = response.locals['signal'] as AbortSignal | undefined;
  if (existing) return existing;
  const controller = new AbortController();
  response.once('close', () => controller.abort(new DOMException('The caller left.', 'AbortError')));
  response.locals['signal'] = controller.signal;
  return controller.signal;
}
