import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partSeed, seededRandom } from '../../../../lib/random.js';
import { draw, tokenProbabilities } from './sampling.js';

const OPEN = { temperature: 1, topK: 1000, topP: 1, repetitionPenalty: 1 };
const logits = fc
  .array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 })
  .map((values) => Float32Array.from(values));
const settings = fc.record({
  temperature: fc.double({ min: 0.05, max: 2, noNaN: true }),
  topK: fc.integer({ min: 1, max: 50 }),
  topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
  repetitionPenalty: fc.double({ min: 1, max: 20, noNaN: true }),
});

describe('tokenProbabilities', () => {
  it('gives a distribution that contains the most probable token, for all settings', () => {
    fc.assert(
      fc.property(logits, settings, (scores, sampling) => {
        const probabilities = tokenProbabilities(scores, new Set(), sampling);
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        // One of several equally probable tokens remains.
        const highest = Math.max(...scores);
        const best = Math.max(...probabilities.filter((_, id) => scores[id] === highest));
        expect(best).toBe(Math.max(...probabilities));
        expect(best).toBeGreaterThan(0);
      }),
    );
  });

  it('penalises a repeated token whether its score is positive or negative', () => {
    const scores = Float32Array.of(2, -2, 0);
    const [before, after] = [new Set<number>(), new Set([0, 1])].map((seen) =>
      tokenProbabilities(scores, seen, { ...OPEN, repetitionPenalty: 2 }),
    );
    expect((after?.[0] ?? 0) / (after?.[2] ?? 1)).toBeCloseTo(Math.exp(1), 9);
    expect((after?.[1] ?? 0) / (after?.[2] ?? 1)).toBeCloseTo(Math.exp(-4), 9);
    expect((before?.[0] ?? 0) / (before?.[2] ?? 1)).toBeCloseTo(Math.exp(2), 9);
  });

  it('keeps ties with the k-th score', () => {
    expect([...tokenProbabilities(Float32Array.of(3, 1, 3, 0), new Set(), { ...OPEN, topK: 1 })]).toEqual([
      0.5, 0, 0.5, 0,
    ]);
  });

  it('drops the least probable tokens that sum up to at most 1 - top_p', () => {
    const scores = Float32Array.from([0.5, 0.3, 0.15, 0.05].map(Math.log));
    const kept = tokenProbabilities(scores, new Set(), { ...OPEN, topP: 0.75 });
    expect([...kept].map((probability) => probability > 0)).toEqual([true, true, false, false]);
  });
});

describe('draw', () => {
  it('draws each token with its probability, and never a token of probability 0', () => {
    const random = seededRandom(1);
    const probabilities = Float64Array.of(0, 0.2, 0, 0.8, 0);
    const counts = [0, 0, 0, 0, 0];
    for (let round = 0; round < 10_000; round++) counts[draw(probabilities, random)]! += 1;
    expect(counts[0]! + counts[2]! + counts[4]!).toBe(0);
    expect(counts[1]! / 10_000).toBeCloseTo(0.2, 1);
  });
});

describe('seededRandom', () => {
  it('repeats its numbers for the same seed and differs between seeds, also in the upper bits', () => {
    const first = (seed: number): number[] => Array.from({ length: 4 }, seededRandom(seed));
    expect(first(5)).toEqual(first(5));
    expect(new Set([5, 6, 5 + 2 ** 40].map((seed) => first(seed).join())).size).toBe(3);
    expect(new Set([0, 1, 2, 3].map((part) => partSeed(2 ** 53 - 1, part))).size).toBe(4);
  });

  it('draws numbers in [0, 1) that are evenly distributed', () => {
    const random = seededRandom(99);
    const tenths = new Array<number>(10).fill(0);
    for (let round = 0; round < 20_000; round++) tenths[Math.floor(random() * 10)]! += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(1800);
    expect(Math.max(...tenths)).toBeLessThan(2200);
  });
});
