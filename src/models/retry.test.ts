import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, defaultRetryTiming, parseRetryAfter } from './retry.js';

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('reads %s as %s ms', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected);
  });
});

describe('backoffMs', () => {
  it('doubles, moves within its upper half, and ends at the longest pause', () => {
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
