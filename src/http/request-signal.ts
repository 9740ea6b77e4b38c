import type { Request, Response } from 'express';

/**
 * One signal per request: it aborts when the caller is gone before the answer is complete, or when the service must
 * stop at once. Everything the request started hangs on it.
 */
export function requestSignal(_request: Request, response: Response): AbortSignal {
  const existing = response.locals['signal'] as AbortSignal | undefined;
  if (existing) return existing;
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new DOMException('The caller left.', 'AbortError'));
  });
  response.locals['signal'] = controller.signal;
  return controller.signal;
}
