const REMEMBERED = 15;
const FIRST_GUESS_MS = 1_000;
const SHORTEST_HINT_MS = 100;
const LONGEST_HINT_MS = 60_000;

/** How long one piece of work takes: the median of the last ones, which one that waited for a model does not tilt. */
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

  /** When to come again if `rounds` pieces of work have to end first, within what clients obey. */
  hintMs(rounds: number): number {
    const wait = Math.ceil(this.milliseconds * rounds);
    return Math.min(LONGEST_HINT_MS, Math.max(SHORTEST_HINT_MS, wait));
  }
}
