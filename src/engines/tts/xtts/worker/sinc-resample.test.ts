import { describe, expect, it } from 'vitest';
import { sincResample } from './sinc-resample.js';

const sine = (rate: number, frequency: number, seconds: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, index) =>
    Math.sin((2 * Math.PI * frequency * index) / rate),
  );

describe('sincResample', () => {
  it.each([
    [8_000, 22_050],
    [44_100, 22_050],
    [48_000, 22_050],
    [16_000, 22_050],
    [44_101, 16_000],
  ])('keeps phase and length of a tone from %i to %i Hz', (from, to) => {
    const resampled = sincResample(sine(from, 440, 0.2), from, to);
    const wanted = sine(to, 440, 0.3);
    expect(resampled).toHaveLength(Math.ceil((Math.floor(from * 0.2) * to) / from));
    for (let index = 200; index < resampled.length - 200; index++) {
      expect(Math.abs((resampled[index] ?? NaN) - (wanted[index] ?? NaN))).toBeLessThan(0.01);
    }
  });

  it('removes frequencies above the limit of the lower rate, so that they do not alias', () => {
    const resampled = sincResample(sine(48_000, 15_000, 0.2), 48_000, 16_000).subarray(100, -100);
    expect(Math.max(...resampled.map(Math.abs))).toBeLessThan(0.02);
  });
});
