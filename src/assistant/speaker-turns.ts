import type { SpeakerTurn } from '../engines/diarisation/diariser.js';

/** Looks up who speaks at a time. `turns` are in the order of their starts and may overlap. */
export class SpeakerTurns {
  readonly #turns: readonly SpeakerTurn[];
  /** For each turn, the index of the turn that ends last among it and those before it. */
  readonly #lastEnding: readonly number[];

  constructor(turns: readonly SpeakerTurn[]) {
    this.#turns = turns;
    let latest = 0;
    this.#lastEnding = turns.map(({ end }, index) => {
      if (end > (turns[latest]?.end ?? 0)) latest = index;
      return latest;
    });
  }

  /**
   * The person who speaks most of the time between `start` and `end` (seconds), and at equal times the one who spoke `before`;
   * where nobody speaks, the person of the nearest turn. Undefined where there are no turns.
   */
  speakerOf({ start, end }: { start: number; end: number }, before?: number): number | undefined {
    const next = this.#firstAfter(end);
    const shares = new Map<number, number>();
    for (let index = next - 1; index >= 0 && this.#endOf(index) > start; index--) {
      const turn = this.#turns[index] as SpeakerTurn;
      const share = Math.min(turn.end, end) - Math.max(turn.start, start);
      if (share > 0) shares.set(turn.speaker, (shares.get(turn.speaker) ?? 0) + share);
    }
    if (shares.size === 0) return this.#nearest(start, end, next);
    const most = Math.max(...shares.values());
    const candidates = [...shares.keys()].filter((speaker) => shares.get(speaker) === most);
    return candidates.find((speaker) => speaker === before) ?? candidates[0];
  }

  /** When the last of the turns up to `index` ends. */
  #endOf(index: number): number {
    return this.#turns[this.#lastEnding[index] ?? 0]?.end ?? 0;
  }

  /** The first turn that starts at `time` or later. */
  #firstAfter(time: number): number {
    let [low, high] = [0, this.#turns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#turns[middle]?.start ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nearest(start: number, end: number, next: number): number | undefined {
    const after = this.#turns[next];
    const before = next > 0 ? this.#turns[this.#lastEnding[next - 1] ?? 0] : undefined;
    if (!before || !after) return (before ?? after)?.speaker;
    return start - before.end <= after.start - end ? before.speaker : after.speaker;
  }
}
