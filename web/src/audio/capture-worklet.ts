import { Resampler } from '../../../src/audio/resampler.js';
import { RATE } from './format.js';

// The DOM library has no types for the scope of an AudioWorklet.
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** 40 ms: short enough for captions and interruptions, long enough to be few messages. */
const CHUNK_SAMPLES = (RATE * 40) / 1_000;

/** Passes the first channel on as 24 kHz audio in chunks of 40 ms. Runs on the browser's audio thread. */
class Capture extends AudioWorkletProcessor {
  readonly #resampler = sampleRate === RATE ? null : new Resampler(sampleRate, RATE);
  #chunk = new Float32Array(CHUNK_SAMPLES);
  #filled = 0;

  /** The browser calls this for every 128 samples. `true` keeps the processor alive. */
  process(inputs: Float32Array[][]): boolean {
    const samples = inputs[0]?.[0];
    if (samples) this.#add(this.#resampler?.push(samples) ?? samples);
    return true;
  }

  #add(samples: Float32Array): void {
    let offset = 0;
    while (offset < samples.length) {
      const part = samples.subarray(offset, offset + CHUNK_SAMPLES - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      offset += part.length;
      if (this.#filled === CHUNK_SAMPLES) this.#send();
    }
  }

  #send(): void {
    this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
    this.#chunk = new Float32Array(CHUNK_SAMPLES);
    this.#filled = 0;
  }
}

registerProcessor('capture', Capture);
