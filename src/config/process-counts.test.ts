import { describe, expect, it } from 'vitest';
import { processCounts } from './process-counts.js';

const GIBIBYTE = 2 ** 30;
const automatic = { HEARING_PROCESSES: 0, SPEAKING_PROCESSES: 0, THREADS: 0 };

describe('the number of processes per engine', () => {
  it.each([
    [2, 4, 1, 2],
    [4, 16, 1, 4],
    [8, 16, 2, 4],
    [16, 64, 4, 4],
    [16, 12, 2, 8],
    [64, 256, 16, 4],
  ])('%d cores and %d GiB: %d processes with %d threads each', (cores, gibibytes, processes, threads) => {
    const machine = { cores, memoryBytes: gibibytes * GIBIBYTE };
    expect(processCounts(automatic, 'full', machine)).toEqual({
      HEARING_PROCESSES: processes,
      SPEAKING_PROCESSES: processes,
      THREADS: threads,
    });
  });

  it('is what the settings say, and one in the lite profile', () => {
    const machine = { cores: 8, memoryBytes: 16 * GIBIBYTE };
    const given = { HEARING_PROCESSES: 3, SPEAKING_PROCESSES: 1, THREADS: 0 };
    expect(processCounts(given, 'full', machine)).toEqual({ ...given, THREADS: 2 });
    expect(processCounts({ ...given, THREADS: 5 }, 'lite', machine)).toEqual({
      HEARING_PROCESSES: 1,
      SPEAKING_PROCESSES: 1,
      THREADS: 5,
    });
  });
});
