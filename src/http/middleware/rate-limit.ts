import type { RequestHandler, Response } from 'express';
import { LRUCache } from 'lru-cache';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { overloaded } from '../../lib/errors.js';
import { callerOf } from './authenticate.js';

/** Per minute and caller; 0 for no limit. */
export interface RateLimits {
  requests: number;
  audioSeconds: number;
}

/** Kinds of bodies that hold a recording. */
const RECORDINGS = [
  'multipart/form-data',
  'audio/*',
  'video/*',
  'application/octet-stream',
  'application/ogg',
];
const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1_000;
/** Beyond so many callers in a minute the one not heard of for longest starts anew. */
const MAX_CALLERS = 10_000;

/** Told how many seconds of audio a call brought, once it is decoded. */
export type AudioMeter = (seconds: number) => void;

/**
 * Counts calls and seconds of recordings per caller, in windows of a minute, and refuses with 429 what goes beyond. How
 * long a recording is shows only when it is decoded: it is charged then, and the next call that brings one is refused.
 */
export function rateLimit(limits: RateLimits): RequestHandler {
  const requests = limits.requests > 0 ? new Quota('requests', limits.requests) : null;
  const audio = limits.audioSeconds > 0 ? new Quota('audio-seconds', limits.audioSeconds) : null;
  return async (request, response, next) => {
    const caller = callerOf(response);
    if (audio) {
      audio.show(response, await audio.standing(caller));
      response.locals['audioMeter'] = (seconds: number) => void audio.charge(caller, seconds, response);
    }
    if (requests) {
      const standing = await requests.charge(caller, 1, response);
      if (standing.consumed > limits.requests)
        throw refusal(`${limits.requests} calls per minute`, standing.resetMs);
    }
    const heard = request.is(RECORDINGS) ? await audio?.standing(caller) : undefined;
    if (heard && heard.consumed >= limits.audioSeconds)
      throw refusal(`${limits.audioSeconds} seconds of recordings per minute`, heard.resetMs);
    next();
  };
}

/** Where a route reports the length of the recording it was sent. */
export function audioMeter(response: Response): AudioMeter {
  return (response.locals['audioMeter'] as AudioMeter | undefined) ?? (() => undefined);
}

interface Standing {
  consumed: number;
  resetMs: number;
}

/** One limit for every caller, and its three headers. */
class Quota {
  readonly #name: string;
  readonly #points: number;
  readonly #known = new LRUCache<string, true>({
    max: MAX_CALLERS,
    dispose: (_, caller) => void this.#limiter?.then((limiter) => limiter.delete(caller)),
  });
  #limiter: Promise<RateLimiterMemory> | undefined;

  constructor(name: string, points: number) {
    this.#name = name;
    this.#points = points;
  }

  async standing(caller: string): Promise<Standing> {
    const limiter = await this.#load();
    return standingOf(await limiter.get(caller));
  }

  async charge(caller: string, points: number, response: Response): Promise<Standing> {
    const limiter = await this.#load();
    this.#known.set(caller, true);
    const standing = standingOf(await limiter.penalty(caller, points));
    this.show(response, standing);
    return standing;
  }

  /** The library takes 60 ms to load, which the start of the service should not wait for. */
  #load(): Promise<RateLimiterMemory> {
    this.#limiter ??= import('rate-limiter-flexible').then(
      ({ RateLimiterMemory }) => new RateLimiterMemory({ points: this.#points, duration: WINDOW_SECONDS }),
    );
    return this.#limiter;
  }

  /** The head may have left by the time a recording's length is known. */
  show(response: Response, { consumed, resetMs }: Standing): void {
    if (response.headersSent) return;
    response.set({
      [`x-ratelimit-limit-${this.#name}`]: String(this.#points),
      [`x-ratelimit-remaining-${this.#name}`]: String(Math.max(0, Math.floor(this.#points - consumed))),
      [`x-ratelimit-reset-${this.#name}`]: duration(resetMs),
    });
  }
}

function standingOf(result: RateLimiterRes | null): Standing {
  if (!result || result.msBeforeNext <= 0) return { consumed: 0, resetMs: 0 };
  return { consumed: result.consumedPoints, resetMs: Math.min(WINDOW_MS, result.msBeforeNext) };
}

function refusal(limit: string, resetMs: number): Error {
  return overloaded(
    `Rate limit reached: ${limit}. Please try again in ${Math.ceil(resetMs / 1_000)} s.`,
    resetMs,
    { code: 'rate_limit_exceeded' },
  );
}

/** As OpenAI writes it: 850ms, 12.5s, 1m0s. */
function duration(milliseconds: number): string {
  const ms = Math.ceil(milliseconds);
  if (ms < 1_000) return `${ms}ms`;
  return ms < 60_000 ? `${ms / 1_000}s` : `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1_000}s`;
}
