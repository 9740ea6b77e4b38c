import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToS16le, mixToMono, sanitise } from './pcm.js';

const words = (bytes: Uint8Array): number[] => [
  ...new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2),
];

describe('floatToS16le', () => {
  it('scales, clamps and silences NaN', () => {
    const samples = Float32Array.from([0, 0.5, -0.5, 1, -1, 3, -3, NaN, Infinity]);
    expect(words(floatToS16le(samples))).toEqual([0, 16384, -16384, 32767, -32768, 32767, -32768, 0, 32767]);
  });

  it('is the inverse of mixToMono for one channel', () => {
    fc.assert(
      fc.property(fc.int16Array(), (samples) => {
        expect(words(floatToS16le(mixToMono(samples, 1)))).toEqual([...samples]);
      }),
    );
  });
});

describe('mixToMono', () => {
  it('averages the channels and drops half a frame', () => {
    expect([...mixToMono(Int16Array.from([16384, -16384, 32767, 32767, 9]), 2)]).toEqual([
      0,
      Math.fround(32767 / 32768),
    ]);
  });
});

describe('sanitise', () => {
  it('keeps valid samples and corrects the others', () => {
    const samples = Float32Array.from([0.25, -1, 1, 1.5, -7, NaN, Infinity, -Infinity]);
    sanitise(samples);
    expect([...samples]).toEqual([0.25, -1, 1, 1, -1, 0, 1, -1]);
  });
});
