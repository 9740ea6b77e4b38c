import cors from 'cors';
import type { RequestHandler } from 'express';

const EXPOSED = [
  'x-request-id',
  'X-Transcript',
  'X-Reply',
  'X-Warning',
  'X-Conversation',
  'X-Engine',
  'X-Timings',
  'Location',
  'Retry-After',
  'retry-after-ms',
  'x-should-retry',
  'Idempotent-Replayed',
  'current-concurrent-requests',
  'maximum-concurrent-requests',
  ...['requests', 'audio-seconds'].flatMap((name) =>
    ['limit', 'remaining', 'reset'].map((what) => `x-ratelimit-${what}-${name}`),
  ),
];
const PREFLIGHT_SECONDS = 600;

/** Lets pages of these origins call from a browser and read our headers; `*` lets all. Answers preflights itself. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  if (origins.length === 0) return (_request, _response, next) => next();
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
}
