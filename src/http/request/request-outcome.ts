import type { Request, Response } from 'express';
import { wasCut } from './request-cut.js';

/** Paths that platforms and monitors poll. They count as no work and are logged at debug level. */
const PROBES: ReadonlySet<string> = new Set(['/health', '/ready', '/ping', '/metrics']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Statuses of calls that were rejected before any work. Scanners must not prevent the idle shutdown. */
const REJECTED: ReadonlySet<number> = new Set([401, 403, 404, 405, 429]);

export function isProbe(request: Request): boolean {
  return PROBES.has(request.path);
}

/** The template of the matched route. Requests without one share a label, because their paths are unbounded. */
export function routeOf(request: Request): string {
  const { route } = request as { route?: { path?: unknown } };
  return typeof route?.path === 'string' ? `${request.baseUrl}${route.path}` : 'other';
}

export function methodOf(request: Request): string {
  return METHODS.has(request.method) ? request.method : 'other';
}

/** The status of a complete answer; otherwise `cut` (by the shutdown) or `left` (by the caller). */
export function outcomeOf(request: Request, response: Response): string {
  if (response.writableFinished) return String(response.statusCode);
  return wasCut(request) ? 'cut' : 'left';
}

export function wasWork(request: Request, response: Response): boolean {
  return !isProbe(request) && !REJECTED.has(response.statusCode);
}
