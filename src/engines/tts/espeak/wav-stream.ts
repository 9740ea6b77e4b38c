import type { SpeechAudio } from '../text-to-speech.js';

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
const PCM = 1;
const FULL_SCALE = 32_768;
/** Pipes deliver 4 KiB (a tenth of a second) at a time; a quarter of a second keeps the number of parts low and the first one early. */
const PART_SECONDS = 0.25;

/**
 * Parts of a 16-bit mono WAV file while it is written to a pipe. Its sizes are placeholders, so the samples go on to
 * the end of the stream. Yields nothing for an empty stream; throws on anything that is not such a file.
 */
export async function* readWavStream(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<SpeechAudio, void, undefined> {
  let pending: Buffer = Buffer.alloc(0);
  let sampleRate: number | undefined;
  for await (const chunk of bytes) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (sampleRate === undefined) {
      const header = parseHeader(pending);
      if (!header) continue;
      sampleRate = header.sampleRate;
      pending = pending.subarray(header.length);
    }
    if (pending.length < sampleRate * PART_SECONDS * 2) continue;
    const whole = pending.length - (pending.length % 2);
    yield { samples: toSamples(pending.subarray(0, whole)), sampleRate };
    pending = pending.subarray(whole);
  }
  if (sampleRate !== undefined && pending.length >= 2) yield { samples: toSamples(pending), sampleRate };
  if (sampleRate === undefined && pending.length > 0)
    throw new Error('The WAV stream ends within its header');
}

/** Undefined while more bytes are needed. */
function parseHeader(bytes: Buffer): { length: number; sampleRate: number } | undefined {
  if (bytes.length < RIFF_HEADER_BYTES) return undefined;
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('Not a WAV stream');
  }
  let sampleRate: number | undefined;
  for (let at = RIFF_HEADER_BYTES; at + CHUNK_HEADER_BYTES <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + CHUNK_HEADER_BYTES;
    if (id === 'data') {
      if (sampleRate === undefined) throw new Error('The WAV stream has samples before their format');
      return { length: body, sampleRate };
    }
    if (id === 'fmt ') {
      if (body + FORMAT_BYTES > bytes.length) return undefined;
      sampleRate = parseFormat(bytes, body);
    }
    at = body + size + (size % 2);
  }
  return undefined;
}

function parseFormat(bytes: Buffer, at: number): number {
  const [format, channels, bits] = [
    bytes.readUInt16LE(at),
    bytes.readUInt16LE(at + 2),
    bytes.readUInt16LE(at + 14),
  ];
  if (format !== PCM || channels !== 1 || bits !== 16) {
    throw new Error(
      `The WAV stream is not 16-bit mono PCM (format ${format}, ${channels} channels, ${bits} bits)`,
    );
  }
  return bytes.readUInt32LE(at + 4);
}

function toSamples(bytes: Buffer): Float32Array {
  const samples = new Float32Array(bytes.length >> 1);
  for (let index = 0; index < samples.length; index++)
    samples[index] = bytes.readInt16LE(index * 2) / FULL_SCALE;
  return samples;
}
