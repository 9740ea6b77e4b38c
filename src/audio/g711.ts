/**
 * G.711, the companded formats of telephony: one byte a sample, about 14 bits (mu-law) or 13 bits (A-law) of range.
 * Source: ITU-T Recommendation G.711; the segment arithmetic is that of the reference code in G.191.
 */
export type Companding = 'mulaw' | 'alaw';

const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32_635;
const SCALE = 32_768;
const tables: Partial<Record<Companding, Float32Array>> = {};

/** Samples in [-1, 1) of bytes. */
export function decodeG711(bytes: Uint8Array, companding: Companding): Float32Array {
  const table = (tables[companding] ??= Float32Array.from(
    { length: 256 },
    (_, byte) => (companding === 'mulaw' ? expandMulaw(byte) : expandAlaw(byte)) / SCALE,
  ));
  return Float32Array.from(bytes, (byte) => table[byte] as number);
}

/** Encodes samples as bytes. Samples outside [-1, 1] are clamped; NaN becomes silence. */
export function encodeG711(samples: Float32Array, companding: Companding): Uint8Array {
  const compress = companding === 'mulaw' ? compressMulaw : compressAlaw;
  return Uint8Array.from(samples, (sample) => {
    const value = Math.round(sample * SCALE);
    // NaN falls through both comparisons.
    return compress(value > 32_767 ? 32_767 : value < -SCALE ? -SCALE : value || 0);
  });
}

function expandMulaw(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + MULAW_BIAS) << ((inverted & 0x70) >> 4);
  return inverted & 0x80 ? MULAW_BIAS - magnitude : magnitude - MULAW_BIAS;
}

function compressMulaw(value: number): number {
  const sign = value < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(value), MULAW_CLIP) + MULAW_BIAS;
  const segment = Math.max(0, Math.floor(Math.log2(magnitude)) - 7);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function expandAlaw(byte: number): number {
  const toggled = byte ^ 0x55;
  const segment = (toggled & 0x70) >> 4;
  const step = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return toggled & 0x80 ? magnitude : -magnitude;
}

function compressAlaw(value: number): number {
  const sign = value >= 0 ? 0x80 : 0;
  const magnitude = Math.min(value >= 0 ? value : -value - 1, 32_767) >> 3;
  const segment = magnitude < 32 ? 0 : Math.floor(Math.log2(magnitude)) - 4;
  const mantissa = segment < 2 ? magnitude >> 1 : magnitude >> segment;
  return (sign | (segment << 4) | (mantissa & 0x0f)) ^ 0x55;
}
