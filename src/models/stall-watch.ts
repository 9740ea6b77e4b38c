import type { Clock, Timer } from '../lib/clock.js';
import { TransientFailure } from './download-failure.js';

/** Aborts its signal after a time without data. `close()` it when the transfer is over. */
export class StallWatch {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #silence = new AbortController();
  #heardAt: number;
  #timer: Timer;
  /** Aborts on a stall and with the caller's signal. */
  readonly signal: AbortSignal;

  constructor(limitMs: number, callerSignal: AbortSignal, clock: Clock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#heardAt = clock.now();
    this.#timer = clock.after(limitMs, () => this.#look());
    this.signal = AbortSignal.any([callerSignal, this.#silence.signal]);
  }

  /** Data has arrived. It is cheap enough for every chunk, because the timer is not reset. */
  touch(): void {
    this.#heardAt = this.#clock.now();
  }

  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const leftMs = this.#limitMs - (this.#clock.now() - this.#heardAt);
    if (leftMs > 0) {
      this.#timer = this.#clock.after(leftMs, () => this.#look());
    } else {
      this.#silence.abort(new TransientFailure(`no data for ${Math.ceil(this.#limitMs / 1000)} s`));
    }
  }
}
