import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { ActivityTracker } from '../../lib/activity.js';
import type { Logger } from '../../observability/logger.js';
import type { Metrics } from '../../observability/metrics.js';
import { withinRequest } from '../../observability/request-context.js';
import { NO_SPAN, type Span, type Tracing } from '../../observability/tracing.js';
import { contextOf } from '../request/request-context.js';
import { isProbe, methodOf, outcomeOf, routeOf, wasWork } from '../request/request-outcome.js';
import { keyOf } from './authenticate.js';

const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/;

export interface RequestLogParts {
  logger: Logger;
  metrics: Metrics;
  tracing?: Tracing;
  /** Receives every request that counts as use of the service. */
  work?: ActivityTracker;
}

/**
 * Gives every request an id (the caller's, if it is valid) that all its log lines have, and records how it ended in log,
 * metrics and trace. What was said is never recorded.
 */
export function requestLog(parts: RequestLogParts): RequestHandler {
  return (request, response, next) => {
    const requestId = requestIdOf(request);
    contextOf(response).requestId = requestId;
    response.set('x-request-id', requestId);
    const startedAt = performance.now();
    const probe = isProbe(request);
    const endWork = probe ? undefined : parts.work?.begin();
    const span = probe ? NO_SPAN : startSpan(request, parts.tracing);
    response.once('close', () => {
      const ended = { requestId, outcome: outcomeOf(request, response), startedAt };
      logEnd(parts, request, response, ended);
      endSpan(span, request, response, ended.outcome);
      endWork?.(wasWork(request, response));
    });
    withinRequest({ requestId, span }, next);
  };
}

function requestIdOf(request: Request): string {
  const given = request.get('x-request-id');
  return given !== undefined && ACCEPTABLE_ID.test(given) ? given : `req_${randomUUID()}`;
}

function logEnd(
  { logger, metrics }: RequestLogParts,
  request: Request,
  response: Response,
  { requestId, outcome, startedAt }: { requestId: string; outcome: string; startedAt: number },
): void {
  const milliseconds = performance.now() - startedAt;
  const key = keyOf(response);
  metrics.request({ method: methodOf(request), route: routeOf(request), outcome, milliseconds });
  const fields = {
    requestId,
    method: request.method,
    path: request.path,
    status: response.statusCode,
    complete: response.writableFinished,
    ...(outcome === 'cut' && { cutByShutdown: true }),
    ms: Math.round(milliseconds),
    ...(key !== null && { key }),
  };
  if (isProbe(request)) logger.debug(fields, 'request');
  else logger.info(fields, 'request');
}

function startSpan(request: Request, tracing: Tracing | undefined): Span {
  if (!tracing) return NO_SPAN;
  const headers = { traceparent: request.get('traceparent'), tracestate: request.get('tracestate') };
  return tracing.request(request.method, headers, { 'http.request.method': methodOf(request) });
}

function endSpan(span: Span, request: Request, response: Response, outcome: string): void {
  const status = response.statusCode;
  span.rename(`${methodOf(request)} ${routeOf(request)}`);
  span.set({ 'http.route': routeOf(request), 'http.response.status_code': status });
  const unanswered = outcome === 'cut' || outcome === 'left';
  if (unanswered) span.set({ 'error.type': outcome });
  span.end(status >= 500 ? new Error(String(status)) : undefined);
}
