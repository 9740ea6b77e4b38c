import { VAD_FRAME, type VoiceActivityDetector } from './voice-activity.js';

const LOUD = 1e-4;

/** Reports every loud frame as speech. */
export class FakeVoiceActivity implements VoiceActivityDetector {
  async probabilities(audio: Float32Array, signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted();
    return Float32Array.from({ length: Math.ceil(audio.length / VAD_FRAME) }, (_, frame) => {
      const samples = audio.subarray(frame * VAD_FRAME, (frame + 1) * VAD_FRAME);
      return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length > LOUD ? 1 : 0;
    });
  }

  async close(): Promise<void> {}
}
