import { LRUCache } from 'lru-cache';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What a caller has used of a quota. */
export interface Usage {
  /** What is counted, as the headers name it. */
  name: 'requests' | 'audio-seconds';
  /** Units per minute. */
  limit: number;
  used: number;
  /** Until the caller's minute is over, in milliseconds; 0 before its first call. */
  resetMs: number;
}

/** Units per caller in windows of a minute. A window begins with the caller's first call. */
export interface Quota {
  usage(caller: string): Promise<Usage>;
  /** Counts `units`, also beyond the limit, and returns the usage after it. */
  charge(caller: string, units: number): Promise<Usage>;
}

export const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1_000;
/** With more callers in a minute, the one that called least recently starts anew. */
const MAX_CALLERS = 10_000;

/** Counts in this process. */
export class MemoryQuota implements Quota {
  readonly #name: Usage['name'];
  readonly #limit: number;
  readonly #known = new LRUCache<string, true>({
    max: MAX_CALLERS,
    dispose: (_, caller) => void this.#limiter?.then((limiter) => limiter.delete(caller)),
  });
  #limiter: Promise<RateLimiterMemory> | undefined;

  constructor(name: Usage['name'], limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  async usage(caller: string): Promise<Usage> {
    const limiter = await this.#load();
    return this.#usageOf(await limiter.get(caller));
  }

  async charge(caller: string, units: number): Promise<Usage> {
    const limiter = await this.#load();
    this.#known.set(caller, true);
    return this.#usageOf(await limiter.penalty(caller, units));
  }

  /** The library takes 60 ms to load, which the start of the service should not wait for. */
  #load(): Promise<RateLimiterMemory> {
    this.#limiter ??= import('rate-limiter-flexible').then(
      ({ RateLimiterMemory }) => new RateLimiterMemory({ points: this.#limit, duration: WINDOW_SECONDS }),
    );
    return this.#limiter;
  }

  #usageOf(result: RateLimiterRes | null): Usage {
    const running = result !== null && result.msBeforeNext > 0;
    return {
      name: this.#name,
      limit: this.#limit,
      used: running ? result.consumedPoints : 0,
      resetMs: running ? Math.min(WINDOW_MS, result.msBeforeNext) : 0,
    };
  }
}
