import { backchannelKind } from '../../egyptian/judgements/backchannels.js';
import type { SessionCore } from './core.js';
import type { AudioRange } from './outputs.js';

/**
 * Judges speech over a reply by its words: a back-channel ("آه", "ماشي") lets the reply continue, anything else interrupts
 * it. One transcription runs at a time. A new one replaces it only when the speech is over.
 */
export class BargeIn {
  readonly #core: SessionCore;
  #probe: { generation: number; over: boolean } | null = null;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  ask(range: AudioRange, over: boolean): void {
    if (this.#probe && !over) return;
    this.drop();
    const generation = this.#core.nextGeneration();
    this.#probe = { generation, over };
    this.#core.output({
      type: 'transcribe',
      generation,
      purpose: 'probe',
      range,
      options: this.#core.transcription,
    });
  }

  /** What the words mean; null for a generation of other work. `text` is null when the transcription failed. */
  answered(generation: number, text: string | null): 'interrupt' | 'back-channel' | 'undecided' | null {
    const probe = this.#probe;
    if (probe?.generation !== generation) return null;
    this.#probe = null;
    if (text !== null && backchannelKind(text) === 'interrupt') return 'interrupt';
    return probe.over ? 'back-channel' : 'undecided';
  }

  drop(): void {
    if (this.#probe) this.#core.output({ type: 'cancel', generation: this.#probe.generation });
    this.#probe = null;
  }
}
