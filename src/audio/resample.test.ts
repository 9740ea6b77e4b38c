import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resample, resampleInSlices } from './resample.js';
import { canResample, Resampler } from './resampler.js';

const PAIRS: [number, number][] = [
  [48000, 16000],
  [44100, 16000],
  [22050, 24000],
  [16000, 24000],
  [8000, 16000],
  [24000, 16000],
];

function tone(frequency: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, n) =>
    Math.sin((2 * Math.PI * frequency * n) / rate),
  );
}

/** Root mean square, in decibels, of the middle: the edges are affected by the silence around the recording. */
function levelDb(samples: Float32Array): number {
  const middle = samples.subarray(Math.floor(samples.length * 0.2), Math.floor(samples.length * 0.8));
  const power = middle.reduce((sum, value) => sum + value * value, 0) / middle.length;
  return 10 * Math.log10(power + 1e-20);
}

describe('resample', () => {
  it.each(PAIRS)('keeps a tone of the pass band, its level and its phase: %i to %i Hz', (from, to) => {
    for (const share of [0.02, 0.3, 0.6, 0.88]) {
      const frequency = (share * Math.min(from, to)) / 2;
      const result = resample(tone(frequency, from, 0.5), from, to);
      const wanted = tone(frequency, to, 0.5);
      expect(result.length).toBe(wanted.length);
      const error = result.map((value, n) => value - (wanted[n] ?? 0));
      expect(levelDb(error)).toBeLessThan(-60);
    }
  });

  it.each(PAIRS.filter(([from, to]) => from > to))('keeps aliases 70 dB down: %i to %i Hz', (from, to) => {
    for (let frequency = to / 2; frequency <= from / 2; frequency += 200) {
      // -3 dB is the level of the tone itself.
      expect(levelDb(resample(tone(frequency, from, 0.2), from, to)) + 3).toBeLessThan(-70);
    }
  });

  it('keeps images 70 dB down when the rate increases', () => {
    const result = resample(tone(5000, 16000, 0.5), 16000, 24000);
    const wanted = tone(5000, 24000, 0.5);
    expect(levelDb(result.map((value, n) => value - (wanted[n] ?? 0)))).toBeLessThan(-73);
  });

  it('has linear phase: an impulse stays symmetric about its position', () => {
    const impulse = new Float32Array(3000);
    impulse[1500] = 1;
    const result = resample(impulse, 48000, 16000);
    for (let distance = 1; distance < 60; distance++) {
      expect(result[500 - distance]).toBeCloseTo(result[500 + distance] ?? NaN, 6);
    }
  });

  it('gives the same samples however the stream is cut', () => {
    const source = Float32Array.from({ length: 5000 }, (_, n) => Math.sin(n * 0.3) * Math.cos(n * 0.017));
    fc.assert(
      fc.property(
        fc.constantFrom(...PAIRS),
        fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 20 }),
        (pair, cuts) => {
          const resampler = new Resampler(...pair);
          const parts: number[] = [];
          let start = 0;
          for (const length of [...cuts, source.length]) {
            parts.push(...resampler.push(source.subarray(start, start + length)));
            start = Math.min(source.length, start + length);
          }
          parts.push(...resampler.flush());
          expect(Float32Array.from(parts)).toEqual(resample(source, ...pair));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives the same samples in slices, and stops when aborted', async () => {
    const source = tone(440, 44100, 1);
    const sliced = await resampleInSlices(source, 44100, 16000, new AbortController().signal);
    expect(sliced).toEqual(resample(source, 44100, 16000));
    await expect(resampleInSlices(source, 44100, 16000, AbortSignal.abort())).rejects.toThrow(/abort/i);
  });

  it('gives ceil(n * to / from) samples for any length', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PAIRS), fc.integer({ min: 0, max: 3000 }), ([from, to], length) => {
        expect(resample(new Float32Array(length).fill(0.5), from, to).length).toBe(
          Math.ceil((length * to) / from),
        );
      }),
    );
  });

  it('copies when the rate stays', () => {
    const source = tone(100, 16000, 0.01);
    const copy = resample(source, 16000, 16000);
    expect(copy).toEqual(source);
    expect(copy).not.toBe(source);
  });

  it('rejects invalid rates and rates that need a huge table', () => {
    for (const [from, to] of [
      [0, 16000],
      [-1, 16000],
      [44100.5, 16000],
      [47999, 16000],
      [4_000_000_000, 16000],
    ] as const) {
      expect(canResample(from, to)).toBe(false);
      expect(() => new Resampler(from, to)).toThrow(RangeError);
    }
  });
});
