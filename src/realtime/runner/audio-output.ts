import { encodeG711 } from '../../audio/g711.js';
import { floatToS16le } from '../../audio/pcm.js';
import { Resampler } from '../../audio/resampler.js';
import type { SpeechAudio } from '../../engines/tts/text-to-speech.js';
import { bytesPerSample, sampleRateOf, type AudioFormat } from '../protocol/audio-format.js';

/** Length of a delta: short, so that an interruption is quick; not shorter, because each event costs time. */
const DELTA_MS = 200;

/** A piece of speech as the client gets it. */
export interface AudioDelta {
  /** Base64. */
  audio: string;
  milliseconds: number;
}

/** Turns speech of any rate into deltas of at most 200 ms in the format of the session. */
export class AudioOutput {
  readonly #format: AudioFormat;
  readonly #rate: number;
  #from = 0;
  #resampler: Resampler | null = null;

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#rate = sampleRateOf(format);
  }

  *push({ samples, sampleRate }: SpeechAudio): Generator<AudioDelta, void, undefined> {
    if (sampleRate !== this.#from) {
      yield* this.flush();
      this.#from = sampleRate;
      this.#resampler = sampleRate === this.#rate ? null : new Resampler(sampleRate, this.#rate);
    }
    const slice = Math.round((sampleRate * DELTA_MS) / 1_000);
    for (let start = 0; start < samples.length; start += slice) {
      const piece = samples.subarray(start, start + slice);
      yield* this.#delta(this.#resampler ? this.#resampler.push(piece) : piece);
    }
  }

  /** The samples that the resampler still holds. */
  *flush(): Generator<AudioDelta, void, undefined> {
    if (this.#resampler) yield* this.#delta(this.#resampler.flush());
    this.#resampler = null;
    this.#from = 0;
  }

  *#delta(samples: Float32Array): Generator<AudioDelta, void, undefined> {
    if (samples.length === 0) return;
    const { type } = this.#format;
    const bytes =
      type === 'audio/pcm'
        ? floatToS16le(samples)
        : encodeG711(samples, type === 'audio/pcmu' ? 'mulaw' : 'alaw');
    const milliseconds = (bytes.length / bytesPerSample(this.#format) / this.#rate) * 1_000;
    yield {
      audio: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
      milliseconds,
    };
  }
}
