const ZERO_CROSSINGS = 6;
const ROLL_OFF = 0.99;

interface PhaseFilter {
  /** Offset of the first tap from the output's position in the input. */
  first: number;
  taps: Float32Array;
}

/**
 * Resamples with a sinc filter under a squared-cosine (Hann) window: 6 zero crossings on each side, cut-off at 0.99 of
 * the lower Nyquist frequency. XTTS was trained on voices resampled this way (torchaudio's default), so reference
 * recordings use this filter and not the service's steeper one. Returns ceil(length * toRate / fromRate) samples.
 */
export function sincResample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  if (fromRate === toRate) return samples;
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const from = fromRate / divisor;
  const to = toRate / divisor;
  const filters = Array.from({ length: to }, (_, phase) => phaseFilter(phase, from, to));
  const output = new Float32Array(Math.ceil((samples.length * to) / from));
  for (let index = 0; index < output.length; index++) {
    const { first, taps } = filters[index % to] as PhaseFilter;
    const base = Math.floor(index / to) * from + first;
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap++) sum += (taps[tap] ?? 0) * (samples[base + tap] ?? 0);
    output[index] = sum;
  }
  return output;
}

/**
 * Each group of `from` inputs gives `to` outputs. Output number `phase` is at position phase * from / to of the inputs.
 */
function phaseFilter(phase: number, from: number, to: number): PhaseFilter {
  const cutoff = (Math.min(from, to) * ROLL_OFF) / from;
  const reach = ZERO_CROSSINGS / cutoff;
  const place = (phase * from) / to;
  const first = Math.ceil(place - reach);
  const length = Math.floor(place + reach) - first + 1;
  const taps = Float32Array.from({ length }, (_, tap) => {
    const time = (first + tap - place) * cutoff;
    const angle = Math.PI * time;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    return sinc * Math.cos(angle / ZERO_CROSSINGS / 2) ** 2 * cutoff;
  });
  return { first, taps };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
