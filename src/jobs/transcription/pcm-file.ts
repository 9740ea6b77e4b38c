import { open, type FileHandle } from 'node:fs/promises';

const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32_768;

/** Raw samples on the disk: 16 kHz mono, s16le. The creator closes it. */
export class PcmFile {
  readonly #file: FileHandle;
  readonly samples: number;

  private constructor(file: FileHandle, samples: number) {
    this.#file = file;
    this.samples = samples;
  }

  static async open(path: string): Promise<PcmFile> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    return new PcmFile(file, Math.floor(size / BYTES_PER_SAMPLE));
  }

  /** Samples in [-1, 1) from `start` up to `end`, as far as the file goes. */
  async read(start: number, end: number): Promise<Float32Array> {
    const length = Math.max(0, Math.min(end, this.samples) - start);
    const words = new Int16Array(length);
    const bytes = new Uint8Array(words.buffer);
    for (let read = 0; read < bytes.length;) {
      const { bytesRead } = await this.#file.read(
        bytes,
        read,
        bytes.length - read,
        start * BYTES_PER_SAMPLE + read,
      );
      if (bytesRead === 0) throw new Error('The decoded audio ends too early');
      read += bytesRead;
    }
    return Float32Array.from(words, (word) => word / FULL_SCALE);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
