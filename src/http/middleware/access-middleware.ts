import type { RequestHandler } from 'express';
import type { AccessControl } from '../../access/access-control.js';
import { identifyCaller, requireKey } from './authenticate.js';
import { allowOrigins } from './cors.js';
import { rateLimit } from './rate-limit.js';
import { securityHeaders } from './security-headers.js';

/** Options of access control for HTTP. */
export interface AccessOptions {
  /** Shared by HTTP and WebSocket, so that a caller has one quota. */
  control: AccessControl;
  /** Web pages that may call; `*` for all. */
  origins: readonly string[];
}

/** The middleware, in the order in which a call passes it. */
export interface AccessMiddleware {
  headers: RequestHandler;
  origins: RequestHandler;
  identify: RequestHandler;
  limit: RequestHandler;
  requireKey: RequestHandler;
}

export function createAccessMiddleware({ control, origins }: AccessOptions): AccessMiddleware {
  return {
    headers: securityHeaders({ crossOrigin: origins.length > 0 }),
    origins: allowOrigins(origins),
    identify: identifyCaller(control),
    limit: rateLimit(control),
    requireKey: requireKey(control),
  };
}
