/** Lets a few work at once and a bounded number wait, first come first served. */
export class Slots {
  readonly #size: number;
  readonly #maxWaiting: number;
  readonly #refuse: (waiting: number) => Error;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `refuse` makes the error of a caller who finds too many waiting. */
  constructor(size: number, maxWaiting: number, refuse: (waiting: number) => Error) {
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
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) throw this.#refuse(this.#waiting.length);
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
