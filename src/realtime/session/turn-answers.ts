import type { ConversationItem } from './conversation.js';
import type { SessionCore } from './core.js';
import type { Responses } from './responses.js';
import type { PreparedAnswer } from './speculation.js';

/**
 * Decides when spoken turns are answered: after the transcript of the last of them, unless somebody speaks. Noise has an
 * empty transcript and is not answered. A reply that was cut before anybody heard it is owed: the next turn, or the
 * silence after a noise, brings it.
 */
export class TurnAnswers {
  readonly #core: SessionCore;
  readonly #responses: Responses;
  readonly #speaking: () => boolean;
  readonly #waiting = new Set<string>();
  #prepared: { itemId: string; answer: PreparedAnswer } | null = null;
  #owed = false;

  constructor(core: SessionCore, responses: Responses, speaking: () => boolean) {
    this.#core = core;
    this.#responses = responses;
    this.#speaking = speaking;
  }

  /** An answer is on its way to be begun. */
  get pending(): boolean {
    return this.#owed || this.#waiting.size > 0;
  }

  /** A spoken turn that wants an answer; its transcript may still be on its way. */
  expect(item: ConversationItem, answer: PreparedAnswer | null): void {
    this.#dropPrepared();
    this.#waiting.add(item.view.id);
    if (answer) this.#prepared = { itemId: item.view.id, answer };
  }

  settled(item: ConversationItem, text: string | null): void {
    const { id } = item.view;
    if (this.#waiting.delete(id) && text !== null && text !== '') this.#owed = true;
    const prepared = this.#prepared?.itemId === id ? this.#prepared.answer : null;
    if (prepared && this.#owed && this.#free) {
      this.#prepared = null;
      this.#owed = false;
      return this.#responses.adopt(prepared.generation, prepared.said);
    }
    if (prepared) this.#dropPrepared();
    this.answerIfOwed();
  }

  /** An item is gone that an answer may have waited for. */
  forget(itemId: string): void {
    this.#waiting.delete(itemId);
    if (this.#prepared?.itemId === itemId) this.#dropPrepared();
    this.answerIfOwed();
  }

  /** A reply was cut before anybody heard it. */
  owe(): void {
    this.#owed = true;
  }

  /** The client asked for a response itself: that one is the answer. */
  clear(): void {
    this.#owed = false;
  }

  answerIfOwed(): void {
    if (!this.#owed || !this.#free) return;
    this.#owed = false;
    this.#responses.answerTurn();
  }

  abandon(): void {
    this.#dropPrepared();
    this.#waiting.clear();
    this.#owed = false;
  }

  get #free(): boolean {
    return this.#waiting.size === 0 && !this.#speaking() && !this.#responses.active;
  }

  #dropPrepared(): void {
    if (this.#prepared) this.#core.output({ type: 'cancel', generation: this.#prepared.answer.generation });
    this.#prepared = null;
  }
}
