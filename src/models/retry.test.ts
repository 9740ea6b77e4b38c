import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, defaultRetryTiming } from './retry.js';

describe('backoffMs', () => {
  it('doubles up to the longest pause, with jitter in its upper half', () => {
    expect([1, 2, 3].map((failures) => backoffMs(failures, defaultRetryTiming, 1))).toEqual([
      500, 1000, 2000,
    ]);
    expect(backoffMs(1, defaultRetryTiming, 0)).toBe(250);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          expect(backoffMs(failures, defaultRetryTiming, random)).toBeLessThanOrEqual(
            defaultRetryTiming.longestPauseMs,
          );
        },
      ),
    );
  });
});
