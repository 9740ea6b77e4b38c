import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relativeDifference } from './array-difference.js';

describe('the relative difference of two arrays', () => {
  it('is relative to the largest magnitude of the reference', () => {
    expect(relativeDifference([341.0008, 1], [341, 1])).toBeCloseTo(0.0008 / 341, 9);
    expect(relativeDifference([0.001], [0])).toBe(0.001);
    expect(relativeDifference([], [])).toBe(0);
  });

  it('does not change when a louder reference scales the quantity', () => {
    const values = fc.array(
      fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 })),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1_000 }), (pairs, gain) => {
        fc.pre(pairs.some(([, wanted]) => wanted !== 0));
        const scaled = (side: 0 | 1, factor: number) => pairs.map((pair) => pair[side] * factor);
        const quiet = relativeDifference(scaled(0, 1), scaled(1, 1));
        expect(relativeDifference(scaled(0, gain), scaled(1, gain))).toBeCloseTo(quiet, 9);
      }),
    );
  });

  it('is infinite for arrays that cannot be compared', () => {
    expect(relativeDifference([1], [1, 2])).toBe(Infinity);
    expect(relativeDifference([NaN], [1])).toBe(Infinity);
  });
});
