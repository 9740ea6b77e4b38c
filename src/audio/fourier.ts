/** A complex Fourier transform of one power-of-two length (Cooley and Tukey, radix 2); keeps its tables and buffers. */
export class Fourier {
  /** The numbers to transform. Write them here, then call `transform`. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly #cosine: Float64Array;
  readonly #sine: Float64Array;
  readonly #reversed: Uint32Array;

  /** @throws RangeError when the length is not a power of two. */
  constructor(length: number) {
    const bits = Math.log2(length);
    if (!Number.isInteger(bits))
      throw new RangeError(`No Fourier transform of length ${length}: it is not a power of two`);
    this.real = new Float64Array(length);
    this.imaginary = new Float64Array(length);
    this.#cosine = Float64Array.from({ length: length / 2 }, (_, index) =>
      Math.cos((2 * Math.PI * index) / length),
    );
    this.#sine = Float64Array.from(
      { length: length / 2 },
      (_, index) => -Math.sin((2 * Math.PI * index) / length),
    );
    this.#reversed = new Uint32Array(length);
    for (let index = 1; index < length; index++) {
      this.#reversed[index] = ((this.#reversed[index >> 1] ?? 0) >> 1) | ((index & 1) << (bits - 1));
    }
  }

  /** Transforms `real` and `imaginary` in place. */
  transform(): void {
    this.#shuffle();
    for (let size = 2; size <= this.real.length; size *= 2) this.#stage(size / 2);
  }

  #shuffle(): void {
    const { real, imaginary } = this;
    for (const [index, other] of this.#reversed.entries()) {
      if (other <= index) continue;
      [real[index], real[other]] = [real[other] as number, real[index] as number];
      [imaginary[index], imaginary[other]] = [imaginary[other] as number, imaginary[index] as number];
    }
  }

  /**
   * Combines transforms of `half` numbers into transforms of twice as many. Every index is in range by construction.
   */
  #stage(half: number): void {
    const { real, imaginary } = this;
    const stride = real.length / (2 * half);
    for (let start = 0; start < real.length; start += 2 * half) {
      for (let offset = 0; offset < half; offset++) {
        const [low, high] = [start + offset, start + offset + half];
        const cosine = this.#cosine[offset * stride] as number;
        const sine = this.#sine[offset * stride] as number;
        const turnedReal = (real[high] as number) * cosine - (imaginary[high] as number) * sine;
        const turnedImaginary = (real[high] as number) * sine + (imaginary[high] as number) * cosine;
        real[high] = (real[low] as number) - turnedReal;
        imaginary[high] = (imaginary[low] as number) - turnedImaginary;
        real[low] = (real[low] as number) + turnedReal;
        imaginary[low] = (imaginary[low] as number) + turnedImaginary;
      }
    }
  }
}
