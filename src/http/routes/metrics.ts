import type { RequestHandler } from 'express';
import type { Metrics } from '../../observability/metrics.js';

/** GET /metrics: for Prometheus. */
export function metricsRoute(metrics: Metrics): RequestHandler {
  return async (_request, response) => {
    const { body, contentType } = await metrics.render();
    response.set('Content-Type', contentType).send(body);
  };
}
