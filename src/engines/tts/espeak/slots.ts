import { abortable } from '../../../lib/abort.js';
import { overloaded } from '../../../lib/errors.js';

const RETRY_AFTER_MS = 1_000;

/** Lets a few work at once and a bounded number wait, first come first served. */
export class Slots {
  #free: number;
  readonly #queueLimit: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number, queueLimit: number) {
    this.#free = size;
    this.#queueLimit = queueLimit;
  }

  /** Resolves with the function that gives the slot back (once). Throws AppError 429 when too many wait already. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#queueLimit) {
      throw overloaded('Too many calls wait for the voice engine espeak.', RETRY_AFTER_MS);
    }
    let wake = (): void => undefined;
    const turn = new Promise<void>((resolve) => (wake = resolve));
    this.#waiting.push(wake);
    try {
      await abortable(turn, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(wake);
      if (place >= 0) this.#waiting.splice(place, 1);
      else this.#release();
      throw error;
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
