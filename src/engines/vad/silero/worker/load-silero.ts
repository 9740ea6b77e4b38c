import type { LoadWorkerEngine, WorkerEngine } from '../../../../inference/worker-engine.js';
import { VAD_FRAME } from '../../voice-activity.js';
import type { SileroJob, SileroOptions, SileroResult } from '../protocol.js';
import { SileroVoiceActivity } from './silero.js';

type SileroEngine = WorkerEngine<SileroJob, never, SileroResult>;

/** Loads the voice detector from disk and runs it once. Throws with the file's name when the file is broken. */
export const loadSilero: LoadWorkerEngine<SileroOptions, SileroEngine> = async ({ model }) => {
  const detector = await SileroVoiceActivity.load(model);
  await detector.probabilities(new Float32Array(VAD_FRAME), new AbortController().signal);
  return {
    run: ({ audio }, { signal }) => detector.probabilities(audio, signal),
    close: () => detector.close(),
  };
};
