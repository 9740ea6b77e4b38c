import { setImmediate as nextTurn } from 'node:timers/promises';
import { abortable } from '../lib/abort.js';
import { floatToS16le, sanitise } from './pcm.js';
import { Resampler } from './resampler.js';

/** A piece of speech: mono in [-1, 1]. */
export interface AudioChunk {
  samples: Float32Array;
  sampleRate: number;
}

/** A quarter of a second at 16 kHz, which takes 1 ms to resample. */
const SLICE_LENGTH = 4096;

/**
 * Converts chunks of any sample rate (which may change between chunks) to s16le at `sampleRate`, a slice at a time. Samples
 * outside [-1, 1] are clamped and NaN becomes 0. Rejects with the signal's reason as soon as it aborts, even while the
 * source yields nothing; leaving the loop ends the source.
 */
export async function* toS16leStream(
  chunks: AsyncIterable<AudioChunk>,
  sampleRate: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let converter = new RateConverter(sampleRate, sampleRate);
  for await (const chunk of untilAborted(chunks, signal)) {
    if (chunk.sampleRate !== converter.fromRate) {
      yield* present(converter.flush());
      converter = new RateConverter(chunk.sampleRate, sampleRate);
    }
    for (let start = 0; start < chunk.samples.length; start += SLICE_LENGTH) {
      if (start > 0) await nextTurn();
      const slice = chunk.samples.slice(start, start + SLICE_LENGTH);
      sanitise(slice);
      yield* present(converter.push(slice));
    }
  }
  yield* present(converter.flush());
}

function* present(samples: Float32Array): Generator<Uint8Array, void, undefined> {
  if (samples.length > 0) yield floatToS16le(samples);
}

/** A resampler that passes samples on when both rates are equal. */
class RateConverter {
  readonly fromRate: number;
  readonly #resampler: Resampler | null;

  constructor(fromRate: number, toRate: number) {
    this.fromRate = fromRate;
    this.#resampler = fromRate === toRate ? null : new Resampler(fromRate, toRate);
  }

  push(samples: Float32Array): Float32Array {
    return this.#resampler?.push(samples) ?? samples;
  }

  flush(): Float32Array {
    return this.#resampler?.flush() ?? new Float32Array(0);
  }
}

async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result: IteratorResult<T, unknown> = await abortable(iterator.next(), signal);
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Not awaited: a source that is computing a chunk ends only after it, and the result is not needed.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
