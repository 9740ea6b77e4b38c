import type { InferenceEngine, JobOptions } from '../../../inference/inference-engine.js';
import type { SpeechToText, TranscribeOptions, Transcript, TranscriptEvent } from '../speech-to-text.js';
import type { NemoChunk, NemoJob, NemoResult } from './protocol.js';

const SAMPLE_RATE = 16_000;

/** A NeMo model in an inference process. The owner of `engine` stops it. */
export class NemoSpeechToText implements SpeechToText {
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
    const job = { audio, options };
    return this.#engine.run<NemoJob, NemoResult>(job, jobOptions(audio, options, signal));
  }

  async *stream(
    audio: Float32Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): AsyncGenerator<TranscriptEvent, void, undefined> {
    signal.throwIfAborted();
    const job = { audio, options, stream: true };
    yield* this.#engine.stream<NemoJob, NemoChunk>(job, jobOptions(audio, options, signal));
  }
}

function jobOptions(audio: Float32Array, { priority }: TranscribeOptions, signal: AbortSignal): JobOptions {
  return { signal, seconds: audio.length / SAMPLE_RATE, ...(priority && { priority }) };
}
