/**
 * Change of sample rate by a windowed-sinc polyphase filter: linear phase, no delay (the filter's own is taken out),
 * pass band to 0.9 of the lower Nyquist frequency, at least 75 dB down from that frequency on. Browsers run it too.
 *
 * Kaiser's formulas (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3): for A dB of stop band and a
 * transition of D cycles per sample, beta = 0.1102 (A - 8.7) and taps = (A - 7.95) / (14.36 D).
 */
const STOP_BAND_DB = 80;
const PASS_BAND = 0.9;
const KAISER_BETA = 0.1102 * (STOP_BAND_DB - 8.7);
const KAISER_STEPS = 2048;
/** Table entries: 4 MB of float32. 44.1 kHz to 16 kHz needs 44,000. */
const MAX_TABLE_LENGTH = 1 << 20;
const MAX_TABLES = 16;

interface FilterBank {
  /** Output samples per `decimation` input samples. */
  interpolation: number;
  decimation: number;
  taps: number;
  /** `interpolation` filters of `taps` coefficients each, one after the other. */
  coefficients: Float32Array;
}

const banks = new Map<string, FilterBank>();
let kaiserTable: Float64Array | undefined;

/** True when the filter table for these rates stays small enough; it does for all common rates. */
export function canResample(fromRate: number, toRate: number): boolean {
  if (!isRate(fromRate) || !isRate(toRate)) return false;
  const divisor = greatestCommonDivisor(fromRate, toRate);
  return (toRate / divisor) * tapsFor(fromRate, toRate) <= MAX_TABLE_LENGTH;
}

/**
 * Resamples a stream: the joined results of `push` and `flush` equal `resample` of the whole, bit for bit, wherever the
 * stream was cut. The output holds ceil(input * toRate / fromRate) samples.
 */
export class Resampler {
  readonly #bank: FilterBank;
  /** Input that is still needed. It begins with half a filter of zeros, for the time before the start. */
  #pending: Float32Array;
  /** Where the next output sample's filter begins in `#pending`, and which of the filters it is. */
  #start = 0;
  #phase = 0;
  #received = 0;
  #produced = 0;

  /** @throws RangeError for rates that `canResample` refuses. */
  constructor(fromRate: number, toRate: number) {
    this.#bank = filterBank(fromRate, toRate);
    this.#pending = new Float32Array(this.#bank.taps / 2 - 1);
  }

  push(samples: Float32Array): Float32Array {
    this.#received += samples.length;
    const joined = new Float32Array(this.#pending.length + samples.length);
    joined.set(this.#pending);
    joined.set(samples, this.#pending.length);
    this.#pending = joined;
    return this.#produce();
  }

  /** The last samples; the resampler is done after it. */
  flush(): Float32Array {
    const { interpolation, decimation, taps } = this.#bank;
    const rest = Math.ceil((this.#received * interpolation) / decimation) - this.#produced;
    const joined = new Float32Array(this.#pending.length + taps);
    joined.set(this.#pending);
    this.#pending = joined;
    return this.#produce().subarray(0, rest);
  }

  #produce(): Float32Array {
    const { interpolation, decimation, taps, coefficients } = this.#bank;
    const pending = this.#pending;
    const room = pending.length - taps - this.#start;
    const output = new Float32Array(
      Math.max(0, Math.floor((room * interpolation - this.#phase) / decimation) + 1 + interpolation),
    );
    let count = 0;
    while (this.#start + taps <= pending.length) {
      output[count++] = dot(coefficients, this.#phase * taps, pending, this.#start, taps);
      this.#phase += decimation;
      this.#start += Math.floor(this.#phase / interpolation);
      this.#phase %= interpolation;
    }
    const done = Math.min(this.#start, pending.length);
    this.#pending = pending.slice(done);
    this.#start -= done;
    this.#produced += count;
    return output.subarray(0, count);
  }
}

/** `taps` is a multiple of four: four sums keep the processor's pipeline full. */
function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, taps: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let index = 0; index < taps; index += 4) {
    sum0 += (a[aStart + index] as number) * (b[bStart + index] as number);
    sum1 += (a[aStart + index + 1] as number) * (b[bStart + index + 1] as number);
    sum2 += (a[aStart + index + 2] as number) * (b[bStart + index + 2] as number);
    sum3 += (a[aStart + index + 3] as number) * (b[bStart + index + 3] as number);
  }
  return sum0 + sum1 + (sum2 + sum3);
}

function filterBank(fromRate: number, toRate: number): FilterBank {
  if (!canResample(fromRate, toRate))
    throw new RangeError(`cannot resample from ${fromRate} to ${toRate} Hz`);
  const key = `${fromRate}:${toRate}`;
  const known = banks.get(key);
  if (known) return known;
  const bank = buildFilterBank(fromRate, toRate);
  if (banks.size >= MAX_TABLES) banks.delete(banks.keys().next().value ?? '');
  banks.set(key, bank);
  return bank;
}

function buildFilterBank(fromRate: number, toRate: number): FilterBank {
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const interpolation = toRate / divisor;
  const taps = tapsFor(fromRate, toRate);
  const half = taps / 2;
  const nyquist = Math.min(fromRate, toRate) / 2 / fromRate;
  const cutoff = (nyquist * (1 + PASS_BAND)) / 2;
  const coefficients = new Float32Array(interpolation * taps);
  for (let phase = 0; phase < interpolation; phase++) {
    const filter = coefficients.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = phase / interpolation + half - 1 - tap;
      filter[tap] = sinc(2 * cutoff * distance) * kaiser(distance / half);
      sum += filter[tap] as number;
    }
    // Each phase sums to one, so that a constant stays that constant.
    for (let tap = 0; tap < taps; tap++) filter[tap] = (filter[tap] as number) / sum;
  }
  return { interpolation, decimation: fromRate / divisor, taps, coefficients };
}

function tapsFor(fromRate: number, toRate: number): number {
  const transition = ((1 - PASS_BAND) * Math.min(fromRate, toRate)) / 2 / fromRate;
  return 4 * Math.ceil((STOP_BAND_DB - 7.95) / (14.36 * transition) / 4);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser's window at `position` (-1 to 1), unscaled, read off a table: a filter bank asks for it up to 100,000 times. */
function kaiser(position: number): number {
  kaiserTable ??= Float64Array.from({ length: KAISER_STEPS + 2 }, (_, step) => {
    const inside = Math.max(0, 1 - (step / KAISER_STEPS) ** 2);
    return besselI0(KAISER_BETA * Math.sqrt(inside));
  });
  const place = Math.abs(position) * KAISER_STEPS;
  if (place > KAISER_STEPS) return 0;
  const step = Math.floor(place);
  const before = kaiserTable[step] as number;
  return before + ((kaiserTable[step + 1] as number) - before) * (place - step);
}

/** Modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function isRate(rate: number): boolean {
  return Number.isInteger(rate) && rate > 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
