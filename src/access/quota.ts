import { LRUCache } from 'lru-cache';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** A caller's use of a quota. */
export interface Usage {
  /** The counted unit, as named in the headers. */
  name: 'requests' | 'audio-seconds';
  /** Units per minute. */
  limit: number;
  used: number;
  /** Milliseconds until the caller's minute is over; 0 before its first call. */
  resetMs: number;
}

/** Units per caller in windows of a minute. A window begins with the caller's first call. */
export interface Quota {
  usage(caller: string): Promise<Usage>;
  /** Counts `units`, even beyond the limit, and returns the new usage. */
  charge(caller: string, units: number): Promise<Usage>;
}

export const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1_000;
/** With more callers in a minute, the count of the least recent caller is dropped. */
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
