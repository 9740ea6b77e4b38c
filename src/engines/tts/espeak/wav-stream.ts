import { mixToMono } from '../../../audio/pcm.js';
import { parseWavHeader, PCM_TAG } from '../../../audio/wav-header.js';
import type { SpeechAudio } from '../text-to-speech.js';

/** Much longer than any header. A stream without a header in so many bytes is not WAV. */
const HEADER_LIMIT_BYTES = 4_096;
/**
 * Pipes deliver 4 KiB (a tenth of a second) or everything at once. Parts of a quarter of a second are few, and the
 * first one is early.
 */
const PART_SECONDS = 0.25;

/**
 * Reads a 16-bit mono WAV file while it is written to a pipe. The size fields are placeholders, so the samples continue
 * to the end of the stream. Yields nothing for an empty stream; throws for any other content.
 */
export async function* readWavStream(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<SpeechAudio, void, undefined> {
  let pending: Buffer = Buffer.alloc(0);
  let sampleRate: number | undefined;
  for await (const chunk of bytes) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (sampleRate === undefined) {
      const header = readHeader(pending);
      if (!header) continue;
      sampleRate = header.sampleRate;
      pending = pending.subarray(header.dataOffset);
    }
    const partBytes = 2 * Math.ceil(sampleRate * PART_SECONDS);
    for (; pending.length >= partBytes; pending = pending.subarray(partBytes)) {
      yield { samples: toSamples(pending.subarray(0, partBytes)), sampleRate };
    }
  }
  if (sampleRate !== undefined && pending.length >= 2) yield { samples: toSamples(pending), sampleRate };
  if (sampleRate === undefined && pending.length > 0) throw new Error('The stream ends without a WAV header');
}

/** Undefined while more bytes are needed. */
function readHeader(bytes: Buffer): { dataOffset: number; sampleRate: number } | undefined {
  const layout = parseWavHeader(bytes, bytes.length);
  if (!layout) {
    if (bytes.length < HEADER_LIMIT_BYTES) return undefined;
    throw new Error('The stream does not begin with a WAV header');
  }
  const { formatTag, channels, bitsPerSample } = layout;
  if (formatTag === PCM_TAG && channels === 1 && bitsPerSample === 16) return layout;
  throw new Error(
    `The WAV stream is not 16-bit mono PCM (format ${formatTag}, ${channels} x ${bitsPerSample} bit)`,
  );
}

function toSamples(bytes: Buffer): Float32Array {
  // Copied, because the bytes may be unaligned.
  return mixToMono(new Int16Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 1), 1);
}
