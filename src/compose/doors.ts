import type { Config } from '../config/load-config.js';
import { Admission } from '../lib/admission.js';

/** What decides how many calls of a kind are taken. */
export interface Doors {
  hearing: Admission;
  speaking: Admission;
  /** Typed messages: those in recordings have passed the door of hearing. */
  chatting: Admission;
}

/** A chat server serves many at once; how many is its own affair, and this bounds what each costs here. */
const CHATS_AT_ONCE = 32;

export function composeDoors(config: Config): Doors {
  // espeak-ng is a process per clause; the other voices are one engine that all share.
  const servers = config.TTS_MODEL === 'espeak' ? config.machine.cores : 1;
  return {
    hearing: new Admission({ maxWaiting: config.MAX_WAITING }),
    speaking: new Admission({ maxWaiting: config.MAX_WAITING, servers }),
    chatting: new Admission({ maxWaiting: 0, servers: CHATS_AT_ONCE }),
  };
}
