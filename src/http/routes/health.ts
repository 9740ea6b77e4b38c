import type { RequestHandler } from 'express';

export interface Readiness {
  /** Everything that was configured is there. */
  ready: boolean;
  /** Per model, per engine; what a person needs to see why not. */
  details: Record<string, unknown>;
}

/** GET /health: the process runs. Says nothing about models, so that a platform keeps it while they load. */
export function healthRoute(version: string): RequestHandler {
  return (_request, response) => {
    response.json({ status: 'ok', version, uptime: Math.round(process.uptime()) });
  };
}

/** GET /ready: 200 when every configured part can work, otherwise 503 with how far each is. */
export function readyRoute(readiness: () => Readiness): RequestHandler {
  return (_request, response) => {
    const { ready, details } = readiness();
    if (!ready) response.set('Retry-After', '2');
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', ...details });
  };
}

/** GET /ping: RunPod's load balancer reads 204 as "still starting" and 200 as "send work". */
export function pingRoute(readiness: () => Readiness): RequestHandler {
  return (_request, response) => {
    if (readiness().ready) response.status(200).send('pong');
    else response.status(204).end();
  };
}
