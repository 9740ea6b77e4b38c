import type { InferenceEngine } from '../../../inference/inference-engine.js';
import type { TurnModel } from '../turn-detector.js';
import { LONGEST_SAMPLES, type SmartTurnJob, type SmartTurnResult } from './protocol.js';

const SAMPLE_RATE = 16_000;

/** Smart Turn v3 in an inference process. The owner of `engine` stops it. */
export function createSmartTurn(engine: InferenceEngine): TurnModel {
  return {
    completeness: (samples, signal) => {
      const end = samples.slice(-LONGEST_SAMPLES);
      const options = { signal, seconds: end.length / SAMPLE_RATE };
      return engine.run<SmartTurnJob, SmartTurnResult>({ samples: end }, options);
    },
    close: () => Promise.resolve(),
  };
}
