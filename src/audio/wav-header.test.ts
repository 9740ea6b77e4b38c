import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWavHeader, wavHeader } from './wav-header.js';

const file = (dataBytes: number, declared?: number): Uint8Array => {
  const header = wavHeader(16_000, dataBytes);
  if (declared !== undefined) new DataView(header.buffer).setUint32(40, declared, true);
  return header;
};

describe('parseWavHeader', () => {
  it('reads headers of wavHeader', () => {
    expect(parseWavHeader(wavHeader(24_000, 480), 524)).toEqual({
      formatTag: 1,
      channels: 1,
      sampleRate: 24_000,
      bitsPerSample: 16,
      blockAlign: 2,
      dataOffset: 44,
      dataBytes: 480,
      truncated: false,
    });
  });

  it.each([
    ['of a stream', undefined, false],
    ['with zero for its length', 0, false],
    ['cut off', 5000, true],
  ])('uses the size of a file %s, not its header', (_, declared, truncated) => {
    const header = declared === undefined ? wavHeader(16_000) : file(0, declared);
    expect(parseWavHeader(header, 44 + 101)).toMatchObject({ dataBytes: 100, truncated });
  });

  it('skips unknown chunks, with the padding of odd lengths', () => {
    const header = file(10);
    const odd = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
    const bytes = Buffer.concat([header.subarray(0, 12), odd, header.subarray(12)]);
    expect(parseWavHeader(bytes, bytes.length + 10)).toMatchObject({ dataOffset: 56, dataBytes: 10 });
  });

  it('finds the format of an extensible header in its GUID', () => {
    const header = Buffer.from(file(10));
    const format = Buffer.alloc(40);
    header.copy(format, 0, 20, 36);
    format.writeUInt16LE(0xfffe, 0);
    format.writeUInt16LE(3, 24);
    const size = Buffer.from([40, 0, 0, 0]);
    const bytes = Buffer.concat([header.subarray(0, 16), size, format, header.subarray(36)]);
    expect(parseWavHeader(bytes, bytes.length + 10)).toMatchObject({ formatTag: 3, dataOffset: 68 });
  });

  it.each([
    ['no RIFF', Buffer.from('RIFX\0\0\0\0WAVEfmt ')],
    ['no data chunk', wavHeader(16_000, 10).subarray(0, 36)],
    ['no format', Buffer.concat([wavHeader(16_000, 10).subarray(0, 12), wavHeader(16_000, 10).subarray(36)])],
    ['nothing', new Uint8Array(0)],
  ])('returns null for %s', (_, bytes) => {
    expect(parseWavHeader(bytes, 1000)).toBeNull();
  });

  it('never throws and never reports more samples than the file holds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), fc.nat(43), (noise, size, at) => {
        const bytes = Uint8Array.from([...wavHeader(8000, 100)]);
        bytes.set(noise.subarray(0, Math.max(0, 44 - at)), at);
        const layout = parseWavHeader(bytes, size);
        if (layout) expect(layout.dataBytes).toBeLessThanOrEqual(Math.max(0, size - layout.dataOffset));
      }),
      { numRuns: 1000 },
    );
  });
});
