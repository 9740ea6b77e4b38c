import type { Clock } from '../lib/clock.js';
import { overloaded } from '../lib/errors.js';
import { Slots, type Full } from '../lib/slots.js';

/**
 * One job at a time, the others wait in order, and no more than `limit` wait: the next is refused with the time after
 * which a place should be free, computed from how long jobs really took.
 */
export class JobQueue {
  readonly #name: string;
  readonly #slots: Slots;

  constructor(name: string, limit: number, clock: Clock) {
    this.#name = name;
    this.#slots = new Slots(1, limit, (full) => this.#refusal(full), clock);
  }

  get queued(): number {
    return this.#slots.waiting;
  }

  get busy(): boolean {
    return this.#slots.taken > 0;
  }

  /** Waits for its turn; the returned function gives it back (once). Rejects with AppError 429 when full, or with the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void> {
    return this.#slots.acquire(signal);
  }

  #refusal({ waiting, retryAfterMs, load }: Full): Error {
    return overloaded(
      `The ${this.#name} engine is busy and ${waiting} requests wait already. Please try again in a moment.`,
      retryAfterMs,
      { code: 'queue_full', load },
    );
  }
}
