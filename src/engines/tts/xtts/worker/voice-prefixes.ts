import type { Tensor } from 'onnxruntime-node';

interface VoicePrefix {
  voice: Float32Array;
  /** The decoder's outputs for the voice's rows: their keys and values among them. */
  outputs: Record<string, Tensor>;
}

/**
 * What the decoder made of the last voices. A prompt begins with its voice, and nothing before it depends on the text, so
 * those 32 of some 75 rows need not run again for the next text. 7.5 MiB a voice for the real model.
 */
export class VoicePrefixes {
  readonly #limit: number;
  /** The one used last at the end. */
  #kept: VoicePrefix[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  find(voice: Float32Array): Record<string, Tensor> | undefined {
    const found = this.#kept.find((prefix) => equal(prefix.voice, voice));
    if (found) this.#kept = [...this.#kept.filter((prefix) => prefix !== found), found];
    return found?.outputs;
  }

  keep(voice: Float32Array, outputs: Record<string, Tensor>): void {
    this.#kept = [...this.#kept, { voice: voice.slice(), outputs }].slice(-this.#limit);
  }
}

function equal(one: Float32Array, other: Float32Array): boolean {
  return bytesOf(one).equals(bytesOf(other));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
