import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../../observability/logger.js';

const ACCEPTABLE_ID = /^[\w.:-]{1,128}$/;
const PROBES = new Set(['/health', '/ready', '/ping', '/metrics']);

/** Gives every request an id (the caller's own, if it sent a sane one) and logs how it ended: never what was said. */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const given = request.get('x-request-id');
    const requestId = given !== undefined && ACCEPTABLE_ID.test(given) ? given : `req_${randomUUID()}`;
    response.locals['requestId'] = requestId;
    response.set('x-request-id', requestId);
    const startedAt = performance.now();
    response.once('close', () => {
      const fields = {
        requestId,
        method: request.method,
        path: request.path,
        status: response.statusCode,
        complete: response.writableFinished,
        ms: Math.round(performance.now() - startedAt),
      };
      if (PROBES.has(request.path)) logger.debug(fields, 'request');
      else logger.info(fields, 'request');
    });
    next();
  };
}
