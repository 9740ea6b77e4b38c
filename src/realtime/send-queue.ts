import { abortable } from '../lib/abort.js';
import type { Clock, Timer } from '../lib/clock.js';
import type { ServerEvent } from './protocol/server-events.js';
import type { Transport } from './transport.js';

export interface SendQueueOptions {
  clock: Clock;
  /** Called once when the client has read too little for too long. */
  onStalled: () => void;
}

/** More than this in the connection's own buffer holds the producers back. */
const HIGH_WATER_BYTES = 256 * 1_024;
/** A client that reads nothing for so long is given up. */
const STALLED_MS = 10_000;
/** Events of a slow client that are kept; the producers stop long before. */
const MOST_WAITING = 2_000;

interface Waiting {
  message: string;
  /** Set for audio: a cancelled response takes it back. */
  responseId: string | null;
}

/**
 * The one writer of a session. While the connection takes what it is given, events leave at once. When its buffer is full
 * they wait here, where the audio of a cancelled response can still be taken back.
 */
export class SendQueue {
  readonly #transport: Transport;
  readonly #options: SendQueueOptions;
  #waiting: Waiting[] = [];
  #stall: Timer | null = null;
  #wake: (() => void)[] = [];
  #closed = false;

  constructor(transport: Transport, options: SendQueueOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  send(event: ServerEvent): void {
    if (this.#closed) return;
    const responseId = event.type === 'response.output_audio.delta' ? event.response_id : null;
    this.#waiting.push({ message: JSON.stringify(event), responseId });
    this.#flush();
    if (this.#waiting.length > MOST_WAITING) this.#giveUp();
  }

  /** Takes back the audio of a response that has not left yet. */
  dropAudio(responseId: string): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.responseId !== responseId);
  }

  /** Resolves when the client keeps up; producers wait for it before they make more. Rejects with the signal's reason. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!this.#closed && this.#congested) {
      await abortable(new Promise<void>((resolve) => this.#wake.push(resolve)), signal);
    }
    signal.throwIfAborted();
  }

  /** Nothing is sent any more. Producers that wait are let go. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#stall?.cancel();
    this.#wakeAll();
  }

  get #congested(): boolean {
    return this.#waiting.length > 0 || this.#transport.bufferedBytes > HIGH_WATER_BYTES;
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#transport.bufferedBytes <= HIGH_WATER_BYTES) {
      const { message } = this.#waiting.shift() as Waiting;
      this.#transport.send(message, () => this.#flushed());
    }
    this.#watch();
  }

  #flushed(): void {
    if (this.#closed) return;
    this.#flush();
    if (!this.#congested) this.#wakeAll();
  }

  /** The time runs while the buffer is above the mark, and ends when it is below once. */
  #watch(): void {
    if (!this.#congested) {
      this.#stall?.cancel();
      this.#stall = null;
    } else this.#stall ??= this.#options.clock.after(STALLED_MS, () => this.#giveUp());
  }

  #giveUp(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onStalled();
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
