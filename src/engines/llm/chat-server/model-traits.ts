import { LRUCache } from 'lru-cache';
import type { Adaptation } from './adaptations.js';

/** More models than one server is asked for. */
const MOST_MODELS = 256;

/** What was learnt about one model at the chat server. */
export interface ModelTraits {
  readonly adaptations: Set<Adaptation>;
  /** Its template opens a thought in the prompt, so that only the end of it is in the reply. */
  opensInThought: boolean;
}

/** What was learnt about each model, for as long as the process lives. */
export class TraitsOfModels {
  readonly #traits = new LRUCache<string, ModelTraits>({ max: MOST_MODELS });

  of(model: string): ModelTraits {
    const known = this.#traits.get(model) ?? { adaptations: new Set(), opensInThought: false };
    this.#traits.set(model, known);
    return known;
  }
}
