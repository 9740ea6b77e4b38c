import type { Clock } from '../lib/clock.js';
import { overloaded } from '../lib/errors.js';

const SMOOTHING = 0.2;
const FIRST_GUESS_MS = 1_000;
const LONGEST_HINT_MS = 60_000;

interface Waiter {
  start(): void;
}

/**
 * One job at a time, the others wait in order, and no more than `limit` wait: the next is refused with the time after
 * which a place should be free, computed from how long jobs really took.
 */
export class JobQueue {
  readonly #name: string;
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #waiting: Waiter[] = [];
  #running = false;
  #serviceMs = FIRST_GUESS_MS;

  constructor(name: string, limit: number, clock: Clock) {
    this.#name = name;
    this.#limit = limit;
    this.#clock = clock;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  get busy(): boolean {
    return this.#running;
  }

  /** Waits for its turn; the returned function gives it back (once). Rejects with AppError 429 when full, or with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running) await this.#wait(signal);
    this.#running = true;
    const startedAt = this.#clock.now();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#serviceMs += SMOOTHING * (this.#clock.now() - startedAt - this.#serviceMs);
      this.#running = false;
      this.#startNext();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#limit) throw this.#refusal();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** The place passes on before anyone new can take it, so a job that waits is never overtaken. */
  #startNext(): void {
    const next = this.#waiting.shift();
    if (!next) return;
    this.#running = true;
    next.start();
  }

  #refusal(): Error {
    const wait = Math.min(
      LONGEST_HINT_MS,
      Math.max(100, Math.ceil(this.#serviceMs * Math.max(1, this.#waiting.length / 2))),
    );
    return overloaded(
      `The ${this.#name} engine is busy and ${this.#waiting.length} requests wait already. Please try again in a moment.`,
      wait,
      {
        code: 'queue_full',
      },
    );
  }
}
