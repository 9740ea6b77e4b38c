import { decodeG711 } from '../../audio/g711.js';
import { Resampler } from '../../audio/resampler.js';
import { bytesPerSample, sampleRateOf, type AudioFormat } from '../protocol/audio-format.js';

const RATE = 16_000;
/** Bytes that are converted in one piece: half a second of PCM, about 2 ms of work. */
const SLICE_BYTES = 24_000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const CHECKED_WITH_PATTERN = 100_000;

/**
 * Converts the client's audio to 16 kHz samples while it arrives. The result is the same wherever the client splits the
 * audio, even inside a sample.
 */
export class AudioInput {
  readonly #format: AudioFormat;
  readonly #resampler: Resampler;
  /** The first byte of a sample whose second byte has not arrived. */
  #half: number | null = null;

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#resampler = new Resampler(sampleRateOf(format), RATE);
  }

  /** The samples of these bytes, in pieces that take about 2 ms each. The caller lets other work run between them. */
  *push(bytes: Uint8Array): Generator<Float32Array, void, undefined> {
    for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
      yield this.#resampler.push(this.#decode(bytes.subarray(start, start + SLICE_BYTES)));
    }
  }

  /** The samples that the resampler still holds. The input must not be used afterwards. */
  flush(): Float32Array {
    return this.#resampler.flush();
  }

  #decode(bytes: Uint8Array): Float32Array {
    const { type } = this.#format;
    if (type !== 'audio/pcm') return decodeG711(bytes, type === 'audio/pcmu' ? 'mulaw' : 'alaw');
    const joined = this.#half === null ? bytes : concatenate(Uint8Array.of(this.#half), bytes);
    const odd = joined.length % bytesPerSample(this.#format) === 1;
    this.#half = odd ? (joined[joined.length - 1] as number) : null;
    return s16leToFloat(odd ? joined.subarray(0, -1) : joined);
  }
}

/** Decodes base64; null when the text is not base64. Whitespace counts as an error. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  // Node skips invalid characters, so invalid text gives fewer bytes than its length says.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const expected = Math.floor(((text.length - padding) * 3) / 4);
  if (bytes.length !== expected) return null;
  return text.length > CHECKED_WITH_PATTERN || BASE64.test(text) ? bytes : null;
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function s16leToFloat(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array(bytes.length / 2);
  for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(2 * n, true) / 32_768;
  return samples;
}
