import type { Machine } from './machine.js';

export interface ProcessCounts {
  HEARING_PROCESSES: number;
  SPEAKING_PROCESSES: number;
  THREADS: number;
}

/** More threads in one process gain little: decoder steps are short. */
const CORES_PER_PROCESS = 4;
/** What one hearing and one speaking process may take together, with XTTS. */
const BYTES_PER_PAIR = 5 * 2 ** 30;

/** Decides what is automatic (0). The lite profile has one process for everything. */
export function processCounts(
  { HEARING_PROCESSES, SPEAKING_PROCESSES, THREADS }: ProcessCounts,
  profile: 'lite' | 'full',
  { cores, memoryBytes }: Machine,
): ProcessCounts {
  const allowed = Math.min(Math.floor(cores / CORES_PER_PROCESS), Math.floor(memoryBytes / BYTES_PER_PAIR));
  const automatic = Math.max(1, allowed);
  const hearing = profile === 'lite' ? 1 : HEARING_PROCESSES || automatic;
  const speaking = profile === 'lite' ? 1 : SPEAKING_PROCESSES || automatic;
  return {
    HEARING_PROCESSES: hearing,
    SPEAKING_PROCESSES: speaking,
    THREADS: THREADS || Math.max(1, Math.floor(cores / Math.max(hearing, speaking))),
  };
}
