import { LRUCache } from 'lru-cache';
import type { Adaptation } from './adaptations.js';

/** More models than one server is asked for. */
const MOST_MODELS = 256;

/** What was learnt about one model at the chat server. */
export interface ModelTraits {
  readonly adaptations: Set<Adaptation>;
  /**
   * Its template opens a thought in the prompt, so that only the end of it is in the reply. Seen in one of the last
   * replies: hybrid models think in some replies and not in others.
   */
  readonly opensInThought: boolean;
  /** Notes whether the text of a reply was a thought up to an end that had no begin. */
  noteReply(thoughtUnseen: boolean): void;
}

/** After so many replies without a thought a model is taken for one that does not think. */
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

/** What was learnt about each model, for as long as the process lives. */
export class TraitsOfModels {
  readonly #traits = new LRUCache<string, LearntTraits>({ max: MOST_MODELS });

  of(model: string): ModelTraits {
    const known = this.#traits.get(model) ?? new LearntTraits();
    this.#traits.set(model, known);
    return known;
  }
}
