import type { Clock, Timer } from '../lib/clock.js';
import { TransientFailure } from './download-failure.js';

/** Aborts its signal once nothing has been heard for a while. `close()` it when the transfer is over. */
export class StallWatch {
  readonly #limitMs: number;
  readonly #clock: Clock;
  readonly #silence = new AbortController();
  #heardAt: number;
  #timer: Timer;
  /** Aborts on silence and with the caller's signal. */
  readonly signal: AbortSignal;

  constructor(limitMs: number, callerSignal: AbortSignal, clock: Clock) {
    this.#limitMs = limitMs;
    this.#clock = clock;
    this.#heardAt = clock.now();
    this.#timer = clock.after(limitMs, () => this.#look());
    this.signal = AbortSignal.any([callerSignal, this.#silence.signal]);
  }

  /** Something has been heard. Cheap enough for every chunk: the timer stays as it is. */
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
