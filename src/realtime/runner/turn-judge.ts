import type { TurnModel } from '../../engines/turn/turn-detector.js';
import { isAbort } from '../../lib/abort.js';
import type { SessionEvent } from '../session/inputs.js';
import type { SessionOutput } from '../session/outputs.js';
import type { AudioStore } from './audio-store.js';

export interface TurnJudgeParts {
  /** Null when TURN_MODEL is off. */
  model: TurnModel | null;
  store: AudioStore;
  put: (event: SessionEvent) => void;
  onFailed: (error: unknown) => void;
}

/** Asks the turn model about the current pause, one question at a time. */
export class TurnJudge {
  readonly #parts: TurnJudgeParts;
  #running: { generation: number; controller: AbortController } | null = null;

  constructor(parts: TurnJudgeParts) {
    this.#parts = parts;
  }

  start({ generation, range }: Extract<SessionOutput, { type: 'judge-turn' }>): void {
    const { model, store } = this.#parts;
    this.stop();
    if (!model) return;
    const controller = new AbortController();
    this.#running = { generation, controller };
    void this.#ask(model, generation, store.slice(range.from, range.to), controller.signal);
  }

  cancel(generation: number): void {
    if (this.#running?.generation === generation) this.stop();
  }

  stop(): void {
    this.#running?.controller.abort();
    this.#running = null;
  }

  /** When the model fails, the session decides by the words alone. */
  async #ask(
    model: TurnModel,
    generation: number,
    samples: Float32Array,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const completeness = await model.completeness(samples, signal);
      if (!signal.aborted) this.#parts.put({ type: 'turn-judged', generation, completeness });
    } catch (error) {
      if (!isAbort(error) || !signal.aborted) this.#parts.onFailed(error);
    }
  }
}
