import { Channel, ChannelClosed } from '../../lib/channel.js';
import { secondsOf, type SpeechAudio } from '../../engines/tts/text-to-speech.js';

/** Enough for the encoder to work without gaps. The producer of further audio waits. */
const SECONDS_AHEAD = 2;

/** Passes audio to a consumer that encodes or sends it, at the consumer's pace. */
export class AudioFeed<Result> {
  readonly #parts = new Channel<SpeechAudio>(SECONDS_AHEAD, secondsOf);
  readonly #result: Promise<Result>;

  constructor(consume: (audio: AsyncIterable<SpeechAudio>) => Promise<Result>) {
    this.#result = consume(this.#parts).finally(() => this.#parts.end());
    // `push` and `end` report its failure.
    this.#result.catch(() => undefined);
  }

  /** Waits while the consumer is busy. Rejects with the consumer's error once it has failed. */
  async push(audio: SpeechAudio): Promise<void> {
    await this.#orFailure(() => this.#parts.push(audio));
  }

  /** Adds audio without waiting. The caller limits the amount. */
  async pushNow(audio: SpeechAudio): Promise<void> {
    await this.#orFailure(() => this.#parts.pushNow(audio));
  }

  /** Ends the audio. Resolves when the consumer has finished. */
  async end(): Promise<Result> {
    this.#parts.end();
    return this.#result;
  }

  /** Ends the audio with `error`, which the consumer receives. Resolves when the consumer has stopped. */
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
