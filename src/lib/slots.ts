import { systemClock, type Clock } from './clock.js';
import { ServiceTime } from './service-time.js';

/** Facts for the error of a rejected caller. */
export interface Full {
  waiting: number;
  /** When a place is likely to stay free, computed from measured service time. */
  retryAfterMs: number;
  load: { current: number; maximum: number };
}

interface Waiter {
  rank: number;
  /** How many later arrivals were served first. */
  overtaken: number;
  enter: () => void;
}

/** A waiter that was overtaken this often is served next, so that urgent work cannot starve the rest. */
const MOST_OVERTAKEN = 8;

/**
 * Lets a few callers work at once and a bounded number wait. Waiters with a lower rank go first, equal ranks in the order
 * of arrival; no waiter is overtaken more than eight times.
 */
export class Slots {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #refuse: (full: Full) => Error;
  readonly #clock: Clock;
  readonly #service = new ServiceTime();
  /** In the order of arrival. */
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  /** `maxWaiting` bounds the waiters of one rank and the ranks before it. `refuse` makes the error of a caller beyond it. */
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
  async acquire(signal: AbortSignal, rank = 0): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#size) await this.#wait(signal, rank);
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

  /** A place is likely to stay free after half of the waiters have been served. */
  #full(waiting: number): Full {
    return {
      waiting,
      retryAfterMs: this.#service.hintMs(Math.max(1, waiting / 2) / this.#size),
      load: { current: this.#taken + waiting, maximum: this.#size + this.#maxWaiting },
    };
  }

  #wait(signal: AbortSignal, rank: number): Promise<void> {
    // Only waiters of the same or a more urgent rank count, because the others would be overtaken anyway.
    const ahead = this.#waiting.filter((waiter) => waiter.rank <= rank).length;
    if (ahead >= this.#maxWaiting) throw this.#refuse(this.#full(ahead));
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const waiter = { rank, overtaken: 0, enter };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Passes the slot on directly, so that a newcomer cannot take it first; it is free only when nobody waits. */
  #release(): void {
    const next = this.#next();
    if (next) next.enter();
    else this.#taken -= 1;
  }

  #next(): Waiter | undefined {
    const first = Math.min(...this.#waiting.map(({ rank }) => rank));
    const index = this.#waiting.findIndex(
      ({ rank, overtaken }) => rank === first || overtaken >= MOST_OVERTAKEN,
    );
    if (index < 0) return undefined;
    for (const passed of this.#waiting.slice(0, index)) passed.overtaken += 1;
    return this.#waiting.splice(index, 1)[0];
  }
}
