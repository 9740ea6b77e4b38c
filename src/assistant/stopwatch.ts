import type { Clock } from '../lib/clock.js';

/** Measures the time in which at least one of several overlapping tasks ran. */
export class Stopwatch {
  readonly #clock: Clock;
  #running = 0;
  #since = 0;
  #total = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get milliseconds(): number {
    return this.#total + (this.#running > 0 ? this.#clock.now() - this.#since : 0);
  }

  async measure<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running === 0) this.#since = this.#clock.now();
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#total += this.#clock.now() - this.#since;
    }
  }
}
