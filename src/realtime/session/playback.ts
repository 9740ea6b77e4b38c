import type { SessionCore } from './core.js';
import type { ConversationItem } from './conversation.js';

/** The client's own buffer and loudspeaker: it plays a moment later than it was sent. */
const PLAYBACK_DELAY_MS = 200;

/**
 * What the client plays now, estimated: it plays what it is sent at once and without a gap. Clients that know better say
 * so with `conversation.item.truncate`.
 */
export class Playback {
  readonly #core: SessionCore;
  #until = -Infinity;
  #item: ConversationItem | null = null;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  /** Audio of this item was sent. */
  sent(item: ConversationItem, milliseconds: number): void {
    this.#item = item;
    this.#until = Math.max(this.#until, this.#core.now) + milliseconds;
  }

  get audible(): boolean {
    return this.#core.now < this.#until + PLAYBACK_DELAY_MS;
  }

  /** Milliseconds until everything that was sent has been played. */
  get remainingMs(): number {
    return Math.max(0, this.#until - this.#core.now);
  }

  /** The client stops playing: what was not heard leaves the memory. */
  stop(): void {
    const spoken = this.#item?.spoken;
    if (spoken && this.remainingMs > 0) spoken.cut(Math.max(0, spoken.audioMs - this.remainingMs));
    this.#until = this.#core.now - PLAYBACK_DELAY_MS;
    this.#item = null;
  }
}
