import type { RequestHandler } from 'express';
import type { Operation } from '../openapi/operation.js';
import type { Metrics } from '../../observability/metrics.js';

export const metricsOperation: Operation = {
  method: 'get',
  path: '/metrics',
  id: 'metrics',
  tag: 'Service',
  summary: 'Read the metrics for Prometheus.',
  answers: { 200: { description: 'The text format of Prometheus.', content: { 'text/plain': 'text' } } },
};

/** GET /metrics: the metrics in the text format of Prometheus. */
export function metricsRoute(metrics: Metrics): RequestHandler {
  return async (_request, response) => {
    const { body, contentType } = await metrics.render();
    response.set('Content-Type', contentType).send(body);
  };
}
