import type { RetryHints } from './retry-hints.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const JITTER = 0.25;

/**
 * The repeats of one reply: few, and together no longer than somebody waits on a phone. A longer hint is not cut short,
 * since an earlier repeat would be refused again: it ends the repeats and goes to the caller. The default wait is that of
 * OpenAI's clients: 0.5 s, doubled each time, at most 8 s, less up to a quarter at random.
 */
export class RetryBudget {
  #retries: number;
  #waitMs: number;
  #nextDefault = FIRST_WAIT_MS;

  constructor(retries: number, waitMs: number) {
    this.#retries = retries;
    this.#waitMs = waitMs;
  }

  /** How long to wait before the next attempt, or null when there is to be none. */
  next(hints: RetryHints): number | null {
    const wait = hints.afterMs ?? this.#nextDefault * (1 - Math.random() * JITTER);
    if (this.#retries === 0 || wait > this.#waitMs) return null;
    this.#retries -= 1;
    this.#waitMs -= wait;
    this.#nextDefault = Math.min(this.#nextDefault * 2, LONGEST_WAIT_MS);
    return wait;
  }
}
