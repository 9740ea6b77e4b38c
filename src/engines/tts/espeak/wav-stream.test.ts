import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWavStream } from './wav-stream.js';

const RATE = 22_050;

function wav(samples: Int16Array, options: { channels?: number; extraChunk?: boolean } = {}): Buffer {
  const { channels = 1 } = options;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(0x7ffff024, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2 * channels, 28);
  header.writeUInt16LE(2 * channels, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(0x7ffff000, 40);
  const list = options.extraChunk ? Buffer.from('LIST\u0003\0\0\0abc\0', 'latin1') : Buffer.alloc(0);
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return Buffer.concat([header.subarray(0, 36), list, header.subarray(36), data]);
}

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const to of [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)) {
    if (to > from) yield bytes.subarray(from, to);
    from = Math.max(from, to);
  }
  if (from < bytes.length) yield bytes.subarray(from);
}

async function read(bytes: Buffer, cuts: readonly number[] = []): Promise<Float32Array[]> {
  const parts: Float32Array[] = [];
  for await (const part of readWavStream(pieces(bytes, cuts))) {
    expect(part.sampleRate).toBe(RATE);
    parts.push(part.samples);
  }
  return parts;
}

describe('readWavStream', () => {
  it('gives the same samples wherever the pipe cuts the bytes', async () => {
    const samples = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 300 });
    const cuts = fc.array(fc.nat(1_000), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(samples, cuts, fc.boolean(), async (values, cut, extraChunk) => {
        const parts = await read(wav(Int16Array.from(values), { extraChunk }), cut);
        expect(parts.flatMap((part) => [...part])).toEqual(values.map((value) => value / 32_768));
        expect(parts.every((part) => part.length > 0)).toBe(true);
      }),
    );
  });

  it('yields parts of a quarter of a second, whatever the pipe delivers at once', async () => {
    const bytes = wav(new Int16Array(RATE));
    const everyKilobyte = Array.from({ length: bytes.length / 1_024 }, (_, index) => index * 1_024);
    for (const cuts of [[], everyKilobyte]) {
      const parts = await read(bytes, cuts);
      expect(parts.map((part) => part.length)).toEqual([5_513, 5_513, 5_513, 5_511]);
    }
  });

  it('yields nothing for an empty stream and drops an incomplete last sample', async () => {
    expect(await read(Buffer.alloc(0))).toEqual([]);
    expect(await read(Buffer.concat([wav(Int16Array.of(1)), Buffer.of(7)]))).toEqual([
      Float32Array.of(1 / 32_768),
    ]);
  });

  it('rejects streams that are not WAV, not 16-bit mono, or cut off in the header', async () => {
    await expect(read(wav(Int16Array.of(1, 2), { channels: 2 }))).rejects.toThrow('not 16-bit mono');
    await expect(read(Buffer.from('Error: no such voice'))).rejects.toThrow('without a WAV header');
    await expect(read(Buffer.alloc(5_000, 'not a WAV stream '))).rejects.toThrow('does not begin with');
    await expect(read(wav(Int16Array.of(1)).subarray(0, 30))).rejects.toThrow('without a WAV header');
  });
});
