import type { Request, Response } from 'express';
import { wasCut } from './request-cut.js';

/** Asked by platforms and monitors, all day: no work, and not worth a line each. */
const PROBES: ReadonlySet<string> = new Set(['/health', '/ready', '/ping', '/metrics']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Refused before anything was done: a scanner that tries doors keeps no machine awake. */
const TURNED_AWAY: ReadonlySet<number> = new Set([401, 403, 404, 405, 429]);

export function isProbe(request: Request): boolean {
  return PROBES.has(request.path);
}

/** The template of the route that took the request. What no route took is one label: paths can be anything. */
export function routeOf(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  return typeof route?.path === 'string' ? `${request.baseUrl}${route.path}` : 'other';
}

export function methodOf(request: Request): string {
  return METHODS.has(request.method) ? request.method : 'other';
}

/** The status of a whole answer; `cut` and `left` where there was none. */
export function outcomeOf(request: Request, response: Response): string {
  if (response.writableFinished) return String(response.statusCode);
  return wasCut(request) ? 'cut' : 'left';
}

export function wasWork(request: Request, response: Response): boolean {
  return !isProbe(request) && !TURNED_AWAY.has(response.statusCode);
}
