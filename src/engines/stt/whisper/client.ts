import type { InferenceEngine, JobOptions } from '../../../inference/inference-engine.js';
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
    return this.#engine.run<WhisperJob, WhisperResult>(
      { audio, options },
      jobOptions(audio, options, signal),
    );
  }

  async *stream(
    audio: Float32Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): AsyncGenerator<TranscriptEvent, void, undefined> {
    signal.throwIfAborted();
    yield* this.#engine.stream<WhisperJob, WhisperChunk>(
      { audio, options, stream: true },
      jobOptions(audio, options, signal),
    );
  }
}

function jobOptions(audio: Float32Array, { priority }: TranscribeOptions, signal: AbortSignal): JobOptions {
  return { signal, seconds: audio.length / SAMPLE_RATE, ...(priority && { priority }) };
}
