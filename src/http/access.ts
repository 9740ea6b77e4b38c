import type { RequestHandler } from 'express';
import type { NamedHash } from '../lib/key-ring.js';
import { identifyCaller, requireKey } from './middleware/authenticate.js';
import { allowOrigins } from './middleware/cors.js';
import { rateLimit, type RateLimits } from './middleware/rate-limit.js';
import { securityHeaders } from './middleware/security-headers.js';

/** Who may call from where, and how much. */
export interface AccessOptions {
  /** None: no key is asked for. */
  keys: readonly NamedHash[];
  limits: RateLimits;
  /** Web pages that may call; `*` for all. */
  origins: readonly string[];
  /** Reverse proxies in front. */
  trustProxy: number;
}

/** The steps of it, in the order in which a call passes them. */
export interface Access {
  trustProxy: number;
  headers: RequestHandler;
  origins: RequestHandler;
  identify: RequestHandler;
  limit: RequestHandler;
  requireKey: RequestHandler;
}

const EVERYONE: AccessOptions = {
  keys: [],
  limits: { requests: 0, audioSeconds: 0 },
  origins: [],
  trustProxy: 0,
};

export function createAccess({ keys, limits, origins, trustProxy } = EVERYONE): Access {
  return {
    trustProxy,
    headers: securityHeaders({ crossOrigin: origins.length > 0 }),
    origins: allowOrigins(origins),
    identify: identifyCaller(keys),
    limit: rateLimit(limits),
    requireKey: requireKey(keys),
  };
}
