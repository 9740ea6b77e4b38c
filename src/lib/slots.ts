import { systemClock, type Clock } from './clock.js';
import { ServiceTime } from './service-time.js';

/** What a caller who finds too many waiting can be told. */
export interface Full {
  waiting: number;
  /** When a place is likely to stay free, by how long work really took. */
  retryAfterMs: number;
  load: { current: number; maximum: number };
}

/** Lets a few work at once and a bounded number wait, first come first served. */
export class Slots {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #refuse: (full: Full) => Error;
  readonly #clock: Clock;
  readonly #service = new ServiceTime();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `refuse` makes the error of a caller who finds too many waiting. */
  constructor(size: number, maxWaiting: number, refuse: (full: Full) => Error, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#size = size;
    this.#maxWaiting = maxWaiting;
    this.#refuse = refuse;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Waits for a slot; the returned function gives it back (once). Rejects with the refusal, or with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#size) await this.#wait(signal);
    else this.#taken += 1;
    const startedAt = this.#clock.now();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#service.add(this.#clock.now() - startedAt);
      this.#release();
    };
  }

  /** Half of those who wait will have been served before a place is likely to stay free. */
  #full(): Full {
    const waiting = this.#waiting.length;
    return {
      waiting,
      retryAfterMs: this.#service.hintMs(Math.max(1, waiting / 2) / this.#size),
      load: { current: this.#taken + waiting, maximum: this.#size + this.#maxWaiting },
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) throw this.#refuse(this.#full());
    return new Promise((resolve, reject) => {
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

  /** A slot goes from hand to hand, so whoever waits is never overtaken; it is free only when nobody waits. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
