import { Channel, ChannelClosed } from '../../lib/channel.js';
import { secondsOf, type SpeechAudio } from '../../engines/tts/text-to-speech.js';

/** Enough for the encoder to work without gaps; everything beyond waits where it is made. */
const SECONDS_AHEAD = 2;

/** Hands audio to a consumer that encodes or sends it, part by part as fast as the consumer takes it. */
export class AudioFeed<Result> {
  readonly #parts = new Channel<SpeechAudio>(SECONDS_AHEAD, secondsOf);
  readonly #result: Promise<Result>;

  constructor(consume: (audio: AsyncIterable<SpeechAudio>) => Promise<Result>) {
    this.#result = consume(this.#parts).finally(() => this.#parts.end());
    // Its failure is reported by `push` and `end`.
    this.#result.catch(() => undefined);
  }

  /** Waits while the consumer is busy. Rejects with the consumer's error once it has failed. */
  async push(audio: SpeechAudio): Promise<void> {
    await this.#orFailure(() => this.#parts.push(audio));
  }

  /** The same without waiting: the caller limits how much it adds. */
  async pushNow(audio: SpeechAudio): Promise<void> {
    await this.#orFailure(() => this.#parts.pushNow(audio));
  }

  /** No more audio. Resolves when the consumer has finished. */
  async end(): Promise<Result> {
    this.#parts.end();
    return this.#result;
  }

  /** No more audio because of `error`, which the consumer sees. Resolves when the consumer has stopped. */
  async fail(error: unknown): Promise<void> {
    this.#parts.fail(error);
    await this.#result.catch(() => undefined);
  }

  async #orFailure(push: () => Promise<void> | void): Promise<void> {
    try {
      await push();
    } catch (error) {
      if (error instanceof ChannelClosed) await this.#result;
      throw error;
    }
  }
}
