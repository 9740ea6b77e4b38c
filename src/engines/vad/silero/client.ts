import type { InferenceEngine } from '../../../inference/inference-engine.js';
import { VAD_SAMPLE_RATE, type VoiceActivityDetector } from '../voice-activity.js';
import type { SileroJob, SileroResult } from './protocol.js';

/** Silero's voice detector in an inference process, for whole recordings. The owner of `engine` stops it. */
export function createSileroDetector(engine: InferenceEngine): Pick<VoiceActivityDetector, 'probabilities'> {
  return {
    probabilities: async (audio, signal, priority) => {
      signal.throwIfAborted();
      const seconds = audio.length / VAD_SAMPLE_RATE;
      return engine.run<SileroJob, SileroResult>(
        { audio },
        { signal, seconds, ...(priority && { priority }) },
      );
    },
  };
}
