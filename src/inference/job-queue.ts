import type { Clock } from '../lib/clock.js';
import { overloaded } from '../lib/errors.js';
import { Slots } from '../lib/slots.js';

const SMOOTHING = 0.2;
const FIRST_GUESS_MS = 1_000;
const SHORTEST_HINT_MS = 100;
const LONGEST_HINT_MS = 60_000;

/**
 * One job at a time, the others wait in order, and no more than `limit` wait: the next is refused with the time after
 * which a place should be free, computed from how long jobs really took.
 */
export class JobQueue {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #slots: Slots;
  #serviceMs = FIRST_GUESS_MS;

  constructor(name: string, limit: number, clock: Clock) {
    this.#name = name;
    this.#clock = clock;
    this.#slots = new Slots(1, limit, (waiting) => this.#refusal(waiting));
  }

  get queued(): number {
    return this.#slots.waiting;
  }

  get busy(): boolean {
    return this.#slots.taken > 0;
  }

  /** Waits for its turn; the returned function gives it back (once). Rejects with AppError 429 when full, or with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    const release = await this.#slots.acquire(signal);
    const startedAt = this.#clock.now();
    let held = true;
    return () => {
      if (held) this.#serviceMs += SMOOTHING * (this.#clock.now() - startedAt - this.#serviceMs);
      held = false;
      release();
    };
  }

  /** Half of those who wait will have been served before a place is likely to stay free. */
  #refusal(waiting: number): Error {
    const wait = Math.ceil(this.#serviceMs * Math.max(1, waiting / 2));
    return overloaded(
      `The ${this.#name} engine is busy and ${waiting} requests wait already. Please try again in a moment.`,
      Math.min(LONGEST_HINT_MS, Math.max(SHORTEST_HINT_MS, wait)),
      { code: 'queue_full' },
    );
  }
}
