import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPEECH, speechShareOf, speechSpans, VAD_FRAME } from './voice-activity.js';

const frames = (...runs: [count: number, probability: number][]): Float32Array =>
  Float32Array.from(runs.flatMap(([count, probability]) => Array.from({ length: count }, () => probability)));

describe('Speech spans', () => {
  it('start at the threshold, end after silence, and are padded', () => {
    const probabilities = frames([10, 0.1], [20, 0.9], [10, 0.1]);
    const [span, ...rest] = speechSpans(probabilities, 40 * VAD_FRAME);
    expect(rest).toEqual([]);
    expect(span).toEqual({ start: 10 * VAD_FRAME - 480, end: 30 * VAD_FRAME + 480 });
  });

  it('bridge silences under 100 ms and probabilities between the two thresholds', () => {
    const probabilities = frames([20, 0.9], [3, 0.1], [10, 0.9], [10, 0.4], [10, 0.9]);
    expect(speechSpans(probabilities, 53 * VAD_FRAME)).toEqual([{ start: 0, end: 53 * VAD_FRAME }]);
  });

  it('omit speech shorter than 250 ms', () => {
    expect(speechSpans(frames([10, 0], [7, 0.99], [20, 0]), 37 * VAD_FRAME)).toEqual([]);
    expect(speechSpans(frames([10, 0], [8, 0.99], [20, 0]), 38 * VAD_FRAME)).toHaveLength(1);
  });

  it('end with the recording when speech does', () => {
    expect(speechSpans(frames([30, 0.9]), 30 * VAD_FRAME - 100)).toEqual([
      { start: 0, end: 30 * VAD_FRAME - 100 },
    ]);
  });

  it('are in order, disjoint and inside the recording, for any probabilities', () => {
    const probability = fc.float({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 300 }), fc.nat(VAD_FRAME - 1), (list, missing) => {
        const samples = Math.max(0, list.length * VAD_FRAME - missing);
        let last = 0;
        for (const { start, end } of speechSpans(Float32Array.from(list), samples, {
          ...SPEECH,
          paddingMs: 200,
        })) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(samples);
          last = end;
        }
      }),
    );
  });

  it('give the share of speech in a part of the recording', () => {
    const spans = [
      { start: 10, end: 20 },
      { start: 30, end: 40 },
    ];
    expect(speechShareOf(spans, 15, 35)).toBe(0.5);
    expect(speechShareOf(spans, 20, 30)).toBe(0);
    expect(speechShareOf([], 0, 0)).toBe(0);
  });
});
