import type { Config } from '../config/load-config.js';
import { Admission, type AdmissionOptions } from '../lib/admission.js';
import type { Metrics } from '../observability/metrics.js';

/** What decides how many calls of a kind are taken. */
export interface Doors {
  hearing: Admission;
  speaking: Admission;
  /** Typed messages: those in recordings have passed the door of hearing. */
  chatting: Admission;
}

/** A chat server serves many at once; how many is its own affair, and this bounds what each costs here. */
const CHATS_AT_ONCE = 32;

export function composeDoors(config: Config, metrics: Metrics): Doors {
  const door = (part: keyof Doors, options: AdmissionOptions): Admission =>
    new Admission({ ...options, onRefused: () => metrics.refused(part) });
  // espeak-ng is a process per clause; the other voices are one engine that all share.
  const servers = config.TTS_MODEL === 'espeak' ? config.machine.cores : 1;
  const doors = {
    hearing: door('hearing', { maxWaiting: config.MAX_WAITING }),
    speaking: door('speaking', { maxWaiting: config.MAX_WAITING, servers }),
    chatting: door('chatting', { maxWaiting: 0, servers: CHATS_AT_ONCE }),
  };
  metrics.watchDoors(() => Object.entries(doors).map(([name, { waiting }]) => ({ name, waiting })));
  return doors;
}
