import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRules, drawn, mostProbable, mostProbableTokens, probabilityOf } from './token-rules.js';

/** Words 0-9, end of text 10, no timestamps 11, times 12-31. */
const tokens = { endOfText: 10, noTimestamps: 11, firstTimestamp: 12 };
const settings = { suppressed: [3], suppressedFirst: [4, 10], firstTimestampLimit: 5 };
const SIZE = 32;

function allowed(written: number[], timestamps: boolean, favoured = 1): number[] {
  const logits = new Float32Array(SIZE);
  // One word is likelier than all times together, so that only the rules decide.
  logits[favoured] = 10;
  applyRules(logits, written, tokens, settings, timestamps);
  return [...logits.keys()].filter((token) => logits[token] !== -Infinity);
}

const WORDS = [0, 1, 2, 4, 5, 6, 7, 8, 9];
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('Rules for tokens', () => {
  it('suppress some tokens always and some at the start', () => {
    expect(allowed([], false)).toEqual([0, 1, 2, 5, 6, 7, 8, 9]);
    expect(allowed([1], false)).toEqual([...WORDS, 10]);
  });

  it('start a text with times on a time near the beginning', () => {
    expect(allowed([], true)).toEqual(range(12, 18));
  });

  it('let words follow the first time, but no second one', () => {
    expect(allowed([14], true)).toEqual([...WORDS, 10]);
  });

  it('let times follow words, never going back and never standing still', () => {
    expect(allowed([14, 1], true)).toEqual([...WORDS, 10, ...range(15, 32)]);
  });

  it('close a pair of times with the same time or a later one, or with the end', () => {
    expect(allowed([14, 1, 20], true, 10)).toEqual([10, ...range(20, 32)]);
  });

  it('take a time when all times together outweigh every word', () => {
    const logits = new Float32Array(SIZE).fill(-9);
    logits.fill(0, 20, 30);
    logits[1] = 1;
    applyRules(logits, [14, 1], tokens, settings, true);
    expect(logits[1]).toBe(-Infinity);
    expect(mostProbable(logits).token).toBe(20);
  });
});

describe('Choosing a token', () => {
  const logits = Float32Array.from([Math.log(0.7), Math.log(0.2), Math.log(0.1), -Infinity]);

  it('finds the likeliest and its log-probability', () => {
    const choice = mostProbable(logits);
    expect(choice.token).toBe(0);
    expect(choice.logProbability).toBeCloseTo(Math.log(0.7), 3);
    expect(probabilityOf(logits, 2)).toBeCloseTo(0.1, 4);
  });

  it('draws by probability and never draws what is forbidden', () => {
    const counts = [0, 0, 0, 0];
    for (let index = 0; index < 1000; index++) {
      const { token, logProbability } = drawn(logits, 1, () => (index + 0.5) / 1000);
      counts[token] = (counts[token] ?? 0) + 1;
      expect(logProbability).toBeCloseTo(logits[token] ?? 0, 3);
    }
    expect(counts).toEqual([700, 200, 100, 0]);
  });

  it('lists the likeliest tokens in order, with the log-probabilities of a softmax', () => {
    const values = fc.array(fc.float({ min: -60, max: 30, noNaN: true }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 11 }), (numbers, count) => {
        const logits = Float32Array.from(numbers);
        const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
        const sorted = [...logits].sort((one, other) => other - one).slice(0, count);
        const listed = mostProbableTokens(logits, count);
        expect(listed.map(({ token }) => logits[token])).toEqual(sorted);
        for (const { token, logProbability } of listed)
          expect(logProbability).toBeCloseTo((logits[token] as number) - Math.log(total), 4);
      }),
    );
    expect(mostProbableTokens(Float32Array.from([-Infinity, 1]), 3)).toHaveLength(1);
  });
});
