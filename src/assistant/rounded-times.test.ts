import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withRoundedTimes } from './rounded-times.js';

const fraction = fc.double({ min: 0, max: 30_000, noNaN: true });
const isShort = (seconds: number): boolean => String(seconds).replace(/^\d+\.?/, '').length <= 3;

it('times have at most three decimals and differ by at most half a millisecond', () => {
  const given = fc.record({ start: fraction, end: fraction });
  fc.assert(
    fc.property(fraction, given, (duration, { start, end }) => {
      const piece = { start, end, text: 'x' };
      const segment = {
        ...piece,
        tokens: [],
        temperature: 0,
        avgLogprob: 0,
        compressionRatio: 1,
        noSpeechProb: 0,
      };
      const rounded = withRoundedTimes({
        text: 'x',
        language: 'ar',
        duration,
        segments: [segment],
        words: [{ word: 'x', start, end }],
        dropped: [{ ...piece, reason: 'no-speech' }],
        warnings: [],
      });
      expect(isShort(rounded.duration)).toBe(true);
      expect(Math.abs(rounded.duration - duration)).toBeLessThanOrEqual(0.000_501);
      for (const { start: from, end: to } of [
        ...rounded.segments,
        ...(rounded.words ?? []),
        ...rounded.dropped,
      ]) {
        expect([from, to].every(isShort)).toBe(true);
        expect(Math.abs(from - start)).toBeLessThanOrEqual(0.000_501);
        expect(Math.abs(to - end)).toBeLessThanOrEqual(0.000_501);
      }
    }),
  );
});

it('adds no words when they were not requested', () => {
  const transcript = {
    text: '',
    language: 'ar',
    duration: 1.319_999_9,
    segments: [],
    dropped: [],
    warnings: [],
  };
  expect(withRoundedTimes(transcript)).toEqual({ ...transcript, duration: 1.32 });
});
