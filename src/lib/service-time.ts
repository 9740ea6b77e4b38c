const REMEMBERED = 15;
const FIRST_GUESS_MS = 1_000;
const SHORTEST_HINT_MS = 100;
const LONGEST_HINT_MS = 60_000;

/** How long one piece of work takes: the median of the last 15, so that a single slow one (a model that loads) has no effect. */
export class ServiceTime {
  readonly #samples: number[] = [];

  add(milliseconds: number): void {
    this.#samples.push(milliseconds);
    if (this.#samples.length > REMEMBERED) this.#samples.shift();
  }

  get milliseconds(): number {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? FIRST_GUESS_MS;
  }

  /** Retry-After in milliseconds when `rounds` pieces of work must end first, within the range that clients accept. */
  hintMs(rounds: number): number {
    const wait = Math.ceil(this.milliseconds * rounds);
    return Math.min(LONGEST_HINT_MS, Math.max(SHORTEST_HINT_MS, wait));
  }
}
