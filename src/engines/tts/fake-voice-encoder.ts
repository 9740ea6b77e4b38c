import type { AppError } from '../../lib/errors.js';
import type { VoiceEncoder, VoiceLatents, VoiceRecording } from './voice-latents.js';

/** Makes latents from which a test can tell the recordings. */
export class FakeVoiceEncoder implements VoiceEncoder {
  /** The identity of the weights. */
  model = 'model-1';
  /** The result of `unavailable`. A test may change it at any time. */
  outage: AppError | null = null;
  /** The recordings of every call, in order. */
  readonly calls: VoiceRecording[][] = [];

  unavailable(): AppError | null {
    return this.outage;
  }

  async fingerprint(): Promise<string> {
    return this.model;
  }

  async latentsOf(recordings: VoiceRecording[], signal: AbortSignal): Promise<VoiceLatents> {
    signal.throwIfAborted();
    this.calls.push(recordings);
    const lengths = recordings.map(({ samples }) => samples.length);
    return {
      conditioning: Float32Array.from([this.calls.length, ...lengths]),
      speakerEmbedding: Float32Array.of(0.5),
    };
  }
}
