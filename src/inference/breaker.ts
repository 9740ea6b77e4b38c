import type { Clock } from '../lib/clock.js';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
const FAILURES_TO_OPEN = 5;
const OPEN_MS = 30_000;

/**
 * Circuit breaker: decides when a process that died may restart. The first restart is immediate. While no job succeeds, the
 * delay grows exponentially; after five failures the breaker is open for 30 seconds, then allows one attempt at a time.
 */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #lastFailureAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get open(): boolean {
    return this.#failures >= FAILURES_TO_OPEN && this.waitMs > 0;
  }

  /** Milliseconds until the next start is allowed; 0 for now. */
  get waitMs(): number {
    if (this.#failures === 0) return 0;
    return Math.max(0, this.#lastFailureAt + this.#delay() - this.#clock.now());
  }

  failed(): void {
    this.#failures += 1;
    this.#lastFailureAt = this.#clock.now();
  }

  succeeded(): void {
    this.#failures = 0;
  }

  #delay(): number {
    if (this.#failures >= FAILURES_TO_OPEN) return OPEN_MS;
    return this.#failures <= 1 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 4 ** (this.#failures - 2));
  }
}
