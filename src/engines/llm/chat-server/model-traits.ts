import { LRUCache } from 'lru-cache';
import type { Adaptation } from './adaptations.js';

/** More models than anybody uses on one server. */
const MOST_MODELS = 256;

/** Learnt properties of one model at the chat server. */
export interface ModelTraits {
  readonly adaptations: Set<Adaptation>;
  /**
   * True when its template opens a thought in the prompt, so that the reply has only the end of the thought. True if
   * one of the last replies showed it, because hybrid models think only in some replies.
   */
  readonly opensInThought: boolean;
  /** Records whether a reply contained the end of a thought without its start. */
  noteReply(thoughtUnseen: boolean): void;
}

/** After so many replies without a thought, a model counts as one that does not think. */
const REPLIES_REMEMBERED = 3;

class LearntTraits implements ModelTraits {
  readonly adaptations = new Set<Adaptation>();
  #remembered = 0;

  get opensInThought(): boolean {
    return this.#remembered > 0;
  }

  noteReply(thoughtUnseen: boolean): void {
    this.#remembered = thoughtUnseen ? REPLIES_REMEMBERED : Math.max(0, this.#remembered - 1);
  }
}

/** Learnt properties of each model, for the lifetime of the process. */
export class TraitsOfModels {
  readonly #traits = new LRUCache<string, LearntTraits>({ max: MOST_MODELS });

  of(model: string): ModelTraits {
    const known = this.#traits.get(model) ?? new LearntTraits();
    this.#traits.set(model, known);
    return known;
  }
}
