/**
 * Mixes interleaved channels into one, a block at a time. A block is the mean of its channels, unless the mean is far
 * quieter than a channel: two channels in opposite phase cancel, and one voice among eight channels loses 18 dB. Such a
 * block is taken from its loudest channel.
 *
 * Levels are the power of the difference between neighbouring samples, so that a constant offset or mains hum does not
 * hide a cancelled voice.
 */
const BLOCK_SECONDS = 0.25;
/** Change from one block's weights to the next, without a click. */
const FADE_SECONDS = 0.01;
/** The mean counts as far quieter below this share of the loudest channel's power (-10 dB). Equal channels give 1, one of two 0.25. */
const CANCELLED = 0.1;
/** The chosen channel is kept until it has less than this share of the loudest channel's power (-6 dB). */
const KEEP_CHANNEL = 0.25;

export class ChannelMixer {
  readonly #channels: number;
  readonly #block: Float32Array;
  readonly #fadeFrames: number;
  #filled = 0;
  /** Weight of each channel at the end of the last block; null before the first one. */
  #weights: Float32Array | null = null;
  #chosen: number | null = null;

  /** `sampleRate` in Hz. */
  constructor(channels: number, sampleRate: number) {
    this.#channels = channels;
    this.#block = new Float32Array(channels * Math.max(1, Math.round(sampleRate * BLOCK_SECONDS)));
    this.#fadeFrames = Math.max(1, Math.round(sampleRate * FADE_SECONDS));
  }

  /** Takes interleaved samples (a multiple of the channel count) and returns the mono samples of all blocks that they complete. */
  push(samples: Float32Array): Float32Array {
    const block = this.#block;
    const blocks = Math.floor((this.#filled + samples.length) / block.length);
    const mono = new Float32Array(blocks * (block.length / this.#channels));
    let written = 0;
    for (let start = 0; start < samples.length;) {
      const taken = Math.min(samples.length - start, block.length - this.#filled);
      block.set(samples.subarray(start, start + taken), this.#filled);
      this.#filled += taken;
      start += taken;
      if (this.#filled < block.length) break;
      mono.set(this.#mix(block), written);
      written += block.length / this.#channels;
      this.#filled = 0;
    }
    return mono;
  }

  /** The mono samples of the unfinished last block. */
  flush(): Float32Array {
    const rest = this.#block.subarray(0, this.#filled - (this.#filled % this.#channels));
    this.#filled = 0;
    return this.#mix(rest);
  }

  #mix(block: Float32Array): Float32Array {
    const to = this.#weightsFor(block);
    const from = this.#weights ?? to;
    this.#weights = to;
    const channels = this.#channels;
    const mono = new Float32Array(block.length / channels);
    for (let channel = 0; channel < channels; channel++) {
      const before = from[channel] as number;
      const after = to[channel] as number;
      if (before === 0 && after === 0) continue;
      const step = (after - before) / this.#fadeFrames;
      for (let frame = 0, weight = before; frame < mono.length; frame++) {
        weight = frame < this.#fadeFrames ? weight + step : after;
        mono[frame] = (mono[frame] as number) + weight * (block[frame * channels + channel] as number);
      }
    }
    return mono;
  }

  #weightsFor(block: Float32Array): Float32Array {
    const channels = this.#channels;
    const { mean, each } = powers(block, channels);
    const loudest = each.indexOf(Math.max(...each));
    const highest = each[loudest] ?? 0;
    if (highest === 0 && this.#weights) return this.#weights;
    if (mean >= highest * CANCELLED) {
      this.#chosen = null;
      return new Float32Array(channels).fill(1 / channels);
    }
    const kept = this.#chosen;
    this.#chosen = kept !== null && (each[kept] ?? 0) >= highest * KEEP_CHANNEL ? kept : loudest;
    return Float32Array.from({ length: channels }, (_, channel) => (channel === this.#chosen ? 1 : 0));
  }
}

/** Sums of squared differences between neighbouring samples: of the channels' mean, and of each channel. */
function powers(block: Float32Array, channels: number): { mean: number; each: number[] } {
  const each = new Array<number>(channels).fill(0);
  let mean = 0;
  for (let position = channels; position < block.length; position += channels) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const index = position + channel;
      const difference = (block[index] as number) - (block[index - channels] as number);
      sum += difference;
      each[channel] = (each[channel] as number) + difference * difference;
    }
    mean += sum * sum;
  }
  return { mean: mean / (channels * channels), each };
}
