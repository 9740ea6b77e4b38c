import type { InferenceEngine } from '../../../inference/inference-engine.js';
import type { SpeechToText, TranscribeOptions, Transcript, TranscriptEvent } from '../speech-to-text.js';
import type { WhisperChunk, WhisperJob, WhisperResult } from './protocol.js';

const SAMPLE_RATE = 16_000;

/** Whisper in an inference process. The owner of `engine` stops it. */
export class WhisperSpeechToText implements SpeechToText {
  readonly id: string;
  readonly capabilities = { words: true };
  readonly #engine: InferenceEngine;

  constructor(id: string, engine: InferenceEngine) {
    this.id = id;
    this.#engine = engine;
  }

  async transcribe(
    audio: Float32Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): Promise<Transcript> {
    signal.throwIfAborted();
    const seconds = audio.length / SAMPLE_RATE;
    return this.#engine.run<WhisperJob, WhisperResult>({ audio, options }, { signal, seconds });
  }

  async *stream(
    audio: Float32Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): AsyncGenerator<TranscriptEvent, void, undefined> {
    signal.throwIfAborted();
    const seconds = audio.length / SAMPLE_RATE;
    yield* this.#engine.stream<WhisperJob, WhisperChunk>(
      { audio, options, stream: true },
      { signal, seconds },
    );
  }
}
