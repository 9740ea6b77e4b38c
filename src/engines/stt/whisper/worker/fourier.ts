/** A complex Fourier transform of one fixed length whose factors are 4, 5, 2 and 3; keeps its tables and buffers. */
export class Fourier {
  readonly length: number;
  /** The numbers to transform: write here, then call `transform`. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  readonly #cosine: Float64Array;
  readonly #sine: Float64Array;
  readonly #radices: number[];
  readonly #spare: [Float64Array, Float64Array];

  constructor(length: number) {
    this.length = length;
    this.#radices = factorsOf(length);
    this.real = new Float64Array(length);
    this.imaginary = new Float64Array(length);
    this.#spare = [new Float64Array(length), new Float64Array(length)];
    this.#cosine = Float64Array.from({ length }, (_, index) => Math.cos((2 * Math.PI * index) / length));
    this.#sine = Float64Array.from({ length }, (_, index) => -Math.sin((2 * Math.PI * index) / length));
  }

  /** Transforms `real` and `imaginary` and returns the spectrum; the returned arrays are reused by the next call. */
  transform(): [Float64Array, Float64Array] {
    let from: [Float64Array, Float64Array] = [this.real, this.imaginary];
    let to = this.#spare;
    let size = this.length;
    let stride = 1;
    for (const radix of this.#radices) {
      if (radix === 4) this.#stageOfFour(from, to, size, stride);
      else this.#stage(from, to, radix, size, stride);
      [from, to] = [to, from];
      size /= radix;
      stride *= radix;
    }
    return from;
  }

  /** One Stockham stage (decimation in frequency, results in order) with a radix-4 butterfly. */
  #stageOfFour(from: [Float64Array, Float64Array], to: [Float64Array, Float64Array], size: number, stride: number): void {
    const [re, im] = from as [Numbers, Numbers];
    const [outRe, outIm] = to as [Numbers, Numbers];
    const cosine = this.#cosine as Numbers;
    const sine = this.#sine as Numbers;
    const quarter = (size / 4) * stride;
    for (let group = 0; group < size / 4; group++) {
      const turn = group * stride;
      const [c1, s1, c2, s2] = [cosine[turn], sine[turn], cosine[2 * turn], sine[2 * turn]];
      const [c3, s3] = [cosine[3 * turn], sine[3 * turn]];
      for (let offset = 0; offset < stride; offset++) {
        const a = turn + offset;
        const [b, c, d] = [a + quarter, a + 2 * quarter, a + 3 * quarter];
        const [sumRe, sumIm, differenceRe, differenceIm] = [re[a] + re[c], im[a] + im[c], re[a] - re[c], im[a] - im[c]];
        const [otherRe, otherIm] = [re[b] + re[d], im[b] + im[d]];
        const [crossRe, crossIm] = [im[b] - im[d], re[d] - re[b]];
        const base = 4 * turn + offset;
        outRe[base] = sumRe + otherRe;
        outIm[base] = sumIm + otherIm;
        write(outRe, outIm, base + stride, differenceRe + crossRe, differenceIm + crossIm, c1, s1);
        write(outRe, outIm, base + 2 * stride, sumRe - otherRe, sumIm - otherIm, c2, s2);
        write(outRe, outIm, base + 3 * stride, differenceRe - crossRe, differenceIm - crossIm, c3, s3);
      }
    }
  }

  /** The same stage for any small radix, by its definition. */
  #stage(from: [Float64Array, Float64Array], to: [Float64Array, Float64Array], radix: number, size: number, stride: number): void {
    const [re, im] = from as [Numbers, Numbers];
    const [outRe, outIm] = to as [Numbers, Numbers];
    const cosine = this.#cosine as Numbers;
    const sine = this.#sine as Numbers;
    const step = (size / radix) * stride;
    const whole = this.length / radix;
    for (let group = 0; group < size / radix; group++) {
      for (let offset = 0; offset < stride; offset++) {
        const first = group * stride + offset;
        for (let output = 0; output < radix; output++) {
          let sumRe = re[first];
          let sumIm = im[first];
          for (let input = 1; input < radix; input++) {
            const turn = ((input * output) % radix) * whole;
            const [x, y] = [re[first + input * step], im[first + input * step]];
            sumRe += x * cosine[turn] - y * sine[turn];
            sumIm += x * sine[turn] + y * cosine[turn];
          }
          const turn = group * stride * output;
          write(outRe, outIm, group * stride * radix + output * stride + offset, sumRe, sumIm, cosine[turn], sine[turn]);
        }
      }
    }
  }
}

/** Every index here is in range by construction; the type saves a check per number. */
type Numbers = Record<number, number> & { readonly length: number };

function write(outRe: Numbers, outIm: Numbers, at: number, re: number, im: number, cosine: number, sine: number): void {
  outRe[at] = re * cosine - im * sine;
  outIm[at] = re * sine + im * cosine;
}

function factorsOf(length: number): number[] {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 5, 2, 3]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  if (rest !== 1) throw new RangeError(`No Fourier transform of length ${length}: it has a prime factor above 5`);
  return radices;
}
