import type { RequestHandler, Response } from 'express';
import type { AccessControl } from '../../access/access-control.js';
import type { Usage } from '../../access/quota.js';
import { refusalError } from '../../access/refusal-error.js';
import { contextOf } from '../request/request-context.js';
import { identified } from './authenticate.js';
import { holdsRecording } from './upload.js';

/** Counts the call of an identified caller, reports the rest of its quota in headers, and rejects with 429 beyond the limits. */
export function rateLimit(control: AccessControl): RequestHandler {
  return async (request, response, next) => {
    const caller = identified(response);
    const decision = await control.charge(caller, holdsRecording(request));
    for (const usage of decision.usage) showUsage(response, usage);
    contextOf(response).audioMeter = (seconds: number) =>
      void control.chargeAudio(caller.id, seconds).then((usage) => usage && showUsage(response, usage));
    if (!decision.allowed) throw refusalError(decision.refusal);
    next();
  };
}

/** Does nothing after the headers were sent, because the length of a recording may be known only then. */
function showUsage(response: Response, { name, limit, used, resetMs }: Usage): void {
  if (response.headersSent) return;
  response.set({
    [`x-ratelimit-limit-${name}`]: String(limit),
    [`x-ratelimit-remaining-${name}`]: String(Math.max(0, Math.floor(limit - used))),
    [`x-ratelimit-reset-${name}`]: duration(resetMs),
  });
}

/** As OpenAI writes it: 850ms, 12.5s, 1m0s. */
function duration(milliseconds: number): string {
  const ms = Math.ceil(milliseconds);
  if (ms < 1_000) return `${ms}ms`;
  return ms < 60_000 ? `${ms / 1_000}s` : `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1_000}s`;
}
