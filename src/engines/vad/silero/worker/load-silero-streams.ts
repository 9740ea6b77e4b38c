import type { LoadWorkerEngine, WorkerEngine } from '../../../../inference/worker-engine.js';
import { VAD_FRAME } from '../../voice-activity.js';
import type { SileroBatchJob, SileroBatchResult, SileroOptions } from '../protocol.js';
import { startState } from '../start-state.js';
import { judgeBatch } from './silero-batch.js';
import { openSilero } from './silero-session.js';

type SileroStreamsEngine = WorkerEngine<SileroBatchJob, never, SileroBatchResult>;

/** Loads the voice detector for live streams and runs it once. Throws with the file's name when the file is broken. */
export const loadSileroStreams: LoadWorkerEngine<SileroOptions, SileroStreamsEngine> = async ({ model }) => {
  const session = await openSilero(model);
  const silence = { state: startState(), frames: new Float32Array(VAD_FRAME) };
  await judgeBatch(session, { streams: [silence] }, new AbortController().signal);
  return {
    run: (job, { signal }) => judgeBatch(session, job, signal),
    close: () => session.release(),
  };
};
