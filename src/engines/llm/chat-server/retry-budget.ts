import type { RetryHints } from './retry-hints.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const JITTER = 0.25;

/**
 * The retries of one reply: few, and in total no longer than a caller on a phone waits. A longer Retry-After is not
 * shortened, because an earlier retry would fail again; it ends the retries and is passed to the caller. The default
 * wait is that of OpenAI's clients: 0.5 s, doubled each time, at most 8 s, minus a random part of up to a quarter.
 */
export class RetryBudget {
  #retries: number;
  #waitMs: number;
  #nextDefault = FIRST_WAIT_MS;

  constructor(retries: number, waitMs: number) {
    this.#retries = retries;
    this.#waitMs = waitMs;
  }

  /** Milliseconds before the next attempt, or null when there is none. */
  next(hints: RetryHints): number | null {
    const wait = hints.afterMs ?? this.#nextDefault * (1 - Math.random() * JITTER);
    if (this.#retries === 0 || wait > this.#waitMs) return null;
    this.#retries -= 1;
    this.#waitMs -= wait;
    this.#nextDefault = Math.min(this.#nextDefault * 2, LONGEST_WAIT_MS);
    return wait;
  }
}
