import { systemClock, type Clock } from './clock.js';
import { overloaded } from './errors.js';
import { ServiceTime } from './service-time.js';

export interface AdmissionOptions {
  /** The longest expected wait of a call that is taken, in multiples of what one call takes. */
  maxWaiting: number;
  /** Calls that are served at once. */
  servers?: number;
  /** Told of every call that is refused. */
  onRefused?: () => void;
  clock?: Clock;
}

/** How many calls there are, and how many there may be. */
export interface Load {
  current: number;
  maximum: number;
}

/** While calls have been refused within so many service times, load is more than a burst. */
const OVERLOAD_MEMORY = 5;
/** Under lasting overload the bound is half of what it is for a burst: there is always somebody to take the place. */
const OVERLOAD_SHARE = 0.5;

/**
 * Decides at the door whether a call is taken. So many are served at a time, so how long a newcomer will wait is known: what
 * is left of the running call and all of those behind it. Who would wait too long is refused at once, and those who
 * are taken keep their latency however many come.
 */
export class Admission {
  readonly #maxWaiting: number;
  readonly #servers: number;
  readonly #onRefused: () => void;
  readonly #clock: Clock;
  readonly #service = new ServiceTime();
  #inside = 0;
  /** When the turn of the call that is served now began. */
  #turnAt = -Infinity;
  #refusedAt = -Infinity;

  constructor(options: AdmissionOptions) {
    const { maxWaiting, servers = 1, onRefused = () => undefined, clock = systemClock } = options;
    this.#maxWaiting = maxWaiting;
    this.#servers = servers;
    this.#onRefused = onRefused;
    this.#clock = clock;
  }

  get load(): Load {
    return { current: this.#inside, maximum: (this.#maxWaiting + 1) * this.#servers };
  }

  /** Calls that were taken and wait for those before them. */
  get waiting(): number {
    return Math.max(0, this.#inside - this.#servers);
  }

  /** Throws AppError 429 when a call that came now would not be taken. */
  check(): void {
    if (this.#inside < this.load.maximum && this.#expectedWaitMs() <= this.#longestWaitMs()) return;
    this.#refusedAt = this.#clock.now();
    this.#onRefused();
    const excessMs = this.#expectedWaitMs() - this.#longestWaitMs();
    throw overloaded(
      'The service has as many calls as it can serve without making them wait. Please try again in a moment.',
      this.#service.hintMs(Math.max(excessMs, this.#remainingMs()) / this.#service.milliseconds),
      { code: 'queue_full', load: this.load },
    );
  }

  /** Takes a place; the returned function gives it back (once), told whether the work was done. Throws as `check` does. */
  enter(): (done: boolean) => void {
    this.check();
    if (this.#inside === 0) this.#turnAt = this.#clock.now();
    this.#inside += 1;
    let inside = true;
    return (done) => {
      if (!inside) return;
      inside = false;
      this.#inside -= 1;
      const now = this.#clock.now();
      // Several that are served at once end that much more often than each takes.
      if (done) this.#service.add((now - this.#turnAt) * this.#servers);
      this.#turnAt = now;
    };
  }

  #expectedWaitMs(): number {
    const ahead = this.#inside - this.#servers;
    if (ahead < 0) return 0;
    return (ahead * this.#service.milliseconds + this.#remainingMs()) / this.#servers;
  }

  #remainingMs(): number {
    return Math.max(0, this.#service.milliseconds - (this.#clock.now() - this.#turnAt));
  }

  #longestWaitMs(): number {
    const service = this.#service.milliseconds;
    const lasting = this.#clock.now() - this.#refusedAt < OVERLOAD_MEMORY * service;
    return this.#maxWaiting * service * (lasting ? OVERLOAD_SHARE : 1);
  }
}
