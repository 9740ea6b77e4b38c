import { overloaded } from '../lib/errors.js';

/** How many processes may run at once and how many callers may wait for one to end. */
export class ProcessSlots {
  readonly #limit: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(limit: number, maxWaiting: number) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Waits for a slot and returns what gives it back (calling that twice is harmless). Rejects with AppError 429 when too
   * many wait already, and with the signal's reason when it aborts.
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#limit) await this.#wait(signal);
    else this.#taken++;
    return this.#releaseOnce();
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) {
      throw overloaded('Too many recordings are being converted at once; try again shortly.', 1000);
    }
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #releaseOnce(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      // A slot goes from hand to hand; it is counted free only when nobody waits.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken--;
    };
  }
}
