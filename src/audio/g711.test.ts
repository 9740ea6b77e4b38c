import { describe, expect, it } from 'vitest';
import { decodeG711, encodeG711 } from './g711.js';

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe.each(['mulaw', 'alaw'] as const)('%s', (companding) => {
  it('encodes every decoded byte back to itself, except the second zero', () => {
    const back = encodeG711(decodeG711(BYTES, companding), companding);
    const changed = [...BYTES].filter((byte) => back[byte] !== byte);
    // Mu-law has a positive and a negative zero.
    expect(changed).toEqual(companding === 'mulaw' ? [0x7f] : []);
  });

  it('keeps a tone within the noise of its 8 bits', () => {
    const tone = Float32Array.from(
      { length: 800 },
      (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / 8_000),
    );
    const back = decodeG711(encodeG711(tone, companding), companding);
    const noise = tone.reduce((sum, sample, n) => sum + (sample - (back[n] as number)) ** 2, 0);
    const signal = tone.reduce((sum, sample) => sum + sample ** 2, 0);
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(35);
  });

  it('clamps loud samples and encodes NaN as silence', () => {
    const [loud, low, none] = decodeG711(encodeG711(Float32Array.of(5, -5, NaN), companding), companding);
    expect(loud).toBeGreaterThan(0.95);
    expect(low).toBeLessThan(-0.95);
    expect(Math.abs(none as number)).toBeLessThan(0.001);
  });
});

it('agrees with the values of the standard', () => {
  expect([...decodeG711(Uint8Array.of(0x80, 0x00, 0xff), 'mulaw')].map((x) => x * 32_768)).toEqual([
    32_124, -32_124, 0,
  ]);
  expect([...decodeG711(Uint8Array.of(0xd5, 0x55, 0xaa), 'alaw')].map((x) => x * 32_768)).toEqual([
    8, -8, 32_256,
  ]);
});
