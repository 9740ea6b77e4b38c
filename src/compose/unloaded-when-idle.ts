import type { Diariser } from '../engines/diarisation/diariser.js';
import type { Clock, Timer } from '../lib/clock.js';

export interface IdleUnloading {
  /** Time without a call after which the memory is freed. */
  idleMs: number;
  clock: Clock;
  unload: () => Promise<void>;
}

/** The same diariser; its models are unloaded some time after the last call. The next call loads them again. */
export function unloadedWhenIdle(diariser: Diariser, { idleMs, clock, unload }: IdleUnloading): Diariser {
  let running = 0;
  let timer: Timer | undefined;
  return {
    id: diariser.id,
    unavailable: () => diariser.unavailable(),
    async *diarise(audio, options, signal) {
      running += 1;
      timer?.cancel();
      try {
        yield* diariser.diarise(audio, options, signal);
      } finally {
        running -= 1;
        if (running === 0) timer = clock.after(idleMs, () => void unload());
      }
    },
  };
}
