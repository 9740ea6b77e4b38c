import type { SessionCore } from './core.js';
import type { AudioRange } from './outputs.js';

/** The turn model's judgement of the current pause. Each pause asks again. */
export class TurnJudgement {
  readonly #core: SessionCore;
  #asked: number | null = null;
  #completeness: number | null = null;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Null when there is no model or no answer yet. */
  get completeness(): number | null {
    return this.#completeness;
  }

  ask(range: AudioRange): void {
    this.drop();
    if (!this.#core.options.judgesTurns) return;
    this.#asked = this.#core.nextGeneration();
    this.#core.output({ type: 'judge-turn', generation: this.#asked, range });
  }

  answered(generation: number, completeness: number): void {
    if (generation !== this.#asked) return;
    this.#asked = null;
    this.#completeness = completeness;
  }

  drop(): void {
    if (this.#asked !== null) this.#core.output({ type: 'cancel', generation: this.#asked });
    this.#asked = null;
    this.#completeness = null;
  }
}
