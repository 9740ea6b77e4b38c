import type { ConversationItem } from './conversation.js';
import type { SessionCore } from './core.js';
import type { Failure } from './inputs.js';

const CONTENT_INDEX = 0;

/** The transcripts of user items that are on their way, and what becomes of them. */
export class Transcripts {
  readonly #core: SessionCore;
  readonly #jobs = new Map<number, string>();
  /** What the captions of an item said so far. */
  readonly #shown = new Map<string, string>();
  readonly #onSettled: (item: ConversationItem, text: string | null) => void;

  /** `onSettled` is told of each item once: its text, or null when it failed. */
  constructor(core: SessionCore, onSettled: (item: ConversationItem, text: string | null) => void) {
    this.#core = core;
    this.#onSettled = onSettled;
  }

  /** The item waits for the transcription of this generation. */
  expect(item: ConversationItem, generation: number): void {
    item.awaitsTranscript = true;
    this.#jobs.set(generation, item.view.id);
  }

  /** A piece of the text while it is spoken. */
  caption(itemId: string, delta: string): void {
    if (delta === '' || !this.#core.showsTranscripts) return;
    this.#shown.set(itemId, (this.#shown.get(itemId) ?? '') + delta);
    this.#sendDelta(itemId, delta);
  }

  /** Returns false for a generation that no item waits for. */
  complete(generation: number, text: string, seconds: number): boolean {
    const item = this.#take(generation);
    if (!item) return false;
    const { view } = item;
    const shown = this.#forget(view.id);
    setTranscript(item, text);
    if (this.#core.showsTranscripts) {
      // Deltas can only append, so they stop where the final text says something else.
      if (text.startsWith(shown) && text !== shown) this.#sendDelta(view.id, text.slice(shown.length));
      this.#core.send({
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: view.id,
        content_index: CONTENT_INDEX,
        transcript: text,
        usage: { type: 'duration', seconds },
      });
    }
    this.#onSettled(item, text);
    return true;
  }

  fail(generation: number, error: Failure): boolean {
    const item = this.#take(generation);
    if (!item) return false;
    this.#forget(item.view.id);
    this.#core.send({
      type: 'conversation.item.input_audio_transcription.failed',
      item_id: item.view.id,
      content_index: CONTENT_INDEX,
      error,
    });
    this.#onSettled(item, null);
    return true;
  }

  /** The item is gone: its transcription is stopped and nobody is told. */
  drop(item: ConversationItem): void {
    for (const [generation, id] of this.#jobs) {
      if (id !== item.view.id) continue;
      this.#jobs.delete(generation);
      this.#core.output({ type: 'cancel', generation });
    }
    this.#forget(item.view.id);
    item.awaitsTranscript = false;
  }

  #take(generation: number): ConversationItem | undefined {
    const id = this.#jobs.get(generation);
    this.#jobs.delete(generation);
    const item = id === undefined ? undefined : this.#core.conversation.get(id);
    if (item) item.awaitsTranscript = false;
    return item;
  }

  #forget(itemId: string): string {
    const shown = this.#shown.get(itemId) ?? '';
    this.#shown.delete(itemId);
    return shown;
  }

  #sendDelta(item_id: string, delta: string): void {
    this.#core.send({
      type: 'conversation.item.input_audio_transcription.delta',
      item_id,
      content_index: CONTENT_INDEX,
      delta,
    });
  }
}

function setTranscript({ view }: ConversationItem, text: string): void {
  if (view.type !== 'message' || view.role !== 'user') return;
  const part = view.content.find(({ type }) => type === 'input_audio');
  if (part?.type === 'input_audio') part.transcript = text;
}
