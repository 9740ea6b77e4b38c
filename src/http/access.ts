import type { RequestHandler } from 'express';
import type { AccessControl } from '../access/access-control.js';
import { identifyCaller, requireKey } from './middleware/authenticate.js';
import { allowOrigins } from './middleware/cors.js';
import { rateLimit } from './middleware/rate-limit.js';
import { securityHeaders } from './middleware/security-headers.js';

/** Who may call from where, and how much. */
export interface AccessOptions {
  /** One for all edges of the service: a caller has one quota. */
  control: AccessControl;
  /** Web pages that may call; `*` for all. */
  origins: readonly string[];
}

/** Its middleware, in the order in which a call passes it. */
export interface Access {
  headers: RequestHandler;
  origins: RequestHandler;
  identify: RequestHandler;
  limit: RequestHandler;
  requireKey: RequestHandler;
}

export function createAccess({ control, origins }: AccessOptions): Access {
  return {
    headers: securityHeaders({ crossOrigin: origins.length > 0 }),
    origins: allowOrigins(origins),
    identify: identifyCaller(control),
    limit: rateLimit(control),
    requireKey: requireKey(control),
  };
}
