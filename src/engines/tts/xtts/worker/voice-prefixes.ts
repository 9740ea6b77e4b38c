import type { Tensor } from 'onnxruntime-node';

interface VoicePrefix {
  voice: Float32Array;
  /** The decoder's outputs for the voice's rows, including their keys and values. */
  outputs: Record<string, Tensor>;
}

/**
 * Caches the decoder's outputs of the last voices. A prompt begins with the rows of its voice, which do not depend on
 * the text. So 32 of about 75 rows need not run again for the next text. A voice takes 7.5 MiB for the real model.
 */
export class VoicePrefixes {
  readonly #limit: number;
  /** The most recently used voice is the last. */
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
