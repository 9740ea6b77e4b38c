import type { Config } from '../config/load-config.js';
import { Admission, type AdmissionOptions } from '../lib/admission.js';
import type { Metrics } from '../observability/metrics.js';

/** Admission control per kind of call: each rejects with 429 when its queue is full. */
export interface AdmissionControls {
  hearing: Admission;
  speaking: Admission;
  /** Typed messages only: a recording is admitted once, by `hearing`. */
  chatting: Admission;
}

/** A chat server decides itself how many calls it serves; this bounds the memory that open calls take here. */
const CHATS_AT_ONCE = 32;

export function composeAdmission(config: Config, metrics: Metrics): AdmissionControls {
  const admission = (part: keyof AdmissionControls, options: AdmissionOptions): Admission =>
    new Admission({ ...options, onRefused: () => metrics.refused(part) });
  // espeak-ng starts one process per clause; every other voice is one engine that all callers share.
  const servers = config.TTS_MODEL === 'espeak' ? config.machine.cores : 1;
  const controls = {
    hearing: admission('hearing', { maxWaiting: config.MAX_WAITING }),
    speaking: admission('speaking', { maxWaiting: config.MAX_WAITING, servers }),
    chatting: admission('chatting', { maxWaiting: 0, servers: CHATS_AT_ONCE }),
  };
  metrics.watchDoors(() => Object.entries(controls).map(([name, { waiting }]) => ({ name, waiting })));
  return controls;
}
