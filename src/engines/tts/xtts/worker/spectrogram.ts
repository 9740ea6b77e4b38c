import { Fourier } from '../../../../audio/fourier.js';

const { fround } = Math;

export interface SpectrogramSettings {
  /** Length of the transform. The window is in its middle, with zeros around it. */
  transformLength: number;
  window: Float64Array;
  hop: number;
}

/** Power spectra of all frames: `frames` rows of `transformLength / 2 + 1` numbers. */
export interface PowerSpectra {
  frames: number;
  bins: number;
  power: Float64Array;
}

/** Generalised cosine window of a period of `length` samples: Hann with a0 = 0.5, Hamming with 0.54. */
export function periodicWindow(length: number, a0: number): Float64Array {
  return Float64Array.from({ length }, (_, index) =>
    fround(a0 - (1 - a0) * Math.cos((2 * Math.PI * index) / length)),
  );
}

/**
 * Short-time spectra of frames that are centred on multiples of the hop. The ends are mirrored, so the signal must be
 * longer than half a transform.
 */
export function powerSpectra(samples: Float32Array, settings: SpectrogramSettings): PowerSpectra {
  const { transformLength, window, hop } = settings;
  const frames = 1 + Math.floor(samples.length / hop);
  const bins = transformLength / 2 + 1;
  const power = new Float64Array(frames * bins);
  const fourier = new Fourier(transformLength);
  const inset = (transformLength - window.length) / 2;
  for (let frame = 0; frame < frames; frame++) {
    fourier.real.fill(0);
    fourier.imaginary.fill(0);
    const start = frame * hop - transformLength / 2 + inset;
    for (let index = 0; index < window.length; index++) {
      fourier.real[inset + index] =
        (samples[mirrored(start + index, samples.length)] ?? 0) * (window[index] ?? 0);
    }
    fourier.transform();
    for (let bin = 0; bin < bins; bin++) {
      power[frame * bins + bin] = (fourier.real[bin] ?? 0) ** 2 + (fourier.imaginary[bin] ?? 0) ** 2;
    }
  }
  return { frames, bins, power };
}

function mirrored(index: number, length: number): number {
  const positive = Math.abs(index);
  return positive < length ? positive : 2 * (length - 1) - positive;
}

export interface MelBank {
  bands: number;
  /** Per band: the first bin with a weight, and the weights from that bin on. */
  filters: { first: number; weights: Float64Array }[];
}

/**
 * Triangular filters, evenly spaced on the HTK mel scale, 2595 log10(1 + f / 700), from 0 to `highest` Hz. With
 * `equalArea` each is divided by half its width (Slaney's normalisation). Every step is rounded to single precision,
 * because the model was trained with filters computed that way. Their corners are off by up to a thousandth of a hertz,
 * and these must be equal.
 */
export function melBank(
  bands: number,
  highest: number,
  sampleRate: number,
  transformLength: number,
  equalArea: boolean,
): MelBank {
  const bins = transformLength / 2 + 1;
  const corners = evenly(2595 * Math.log10(1 + highest / 700), bands + 2).map((mel) =>
    fround(700 * fround(fround(10 ** fround(mel / 2595)) - 1)),
  );
  const frequencies = evenly(sampleRate / 2, bins);
  const filters = Array.from({ length: bands }, (_, band) => {
    const [left = 0, centre = 0, right = 0] = corners.slice(band, band + 3);
    const [rise, fall] = [fround(centre - left), fround(right - centre)];
    const scale = equalArea ? fround(2 / fround(right - left)) : 1;
    const all = frequencies.map((frequency) => {
      const up = fround(fround(frequency - left) / rise);
      const down = fround(fround(right - frequency) / fall);
      return fround(scale * Math.max(0, Math.min(up, down)));
    });
    const first = Math.max(
      0,
      all.findIndex((weight) => weight > 0),
    );
    return {
      first,
      weights: Float64Array.from(all.slice(first, all.findLastIndex((weight) => weight > 0) + 1)),
    };
  });
  return { bands, filters };
}

/**
 * `count` numbers from 0 to `last` in single precision. The upper half is computed backwards from the end, as PyTorch
 * does.
 */
function evenly(last: number, count: number): number[] {
  const step = fround(last / (count - 1));
  const end = fround(last);
  return Array.from({ length: count }, (_, index) =>
    index < count / 2 ? fround(index * step) : fround(end - (count - 1 - index) * step),
  );
}

/** Transposes to one row per band, which is the layout that the graphs expect. */
export function melSpectrogram(
  { frames, bins, power }: PowerSpectra,
  bank: MelBank,
  scale: (energy: number, band: number) => number = (energy) => energy,
): Float32Array {
  const mel = new Float32Array(bank.bands * frames);
  for (const [band, { first, weights }] of bank.filters.entries()) {
    for (let frame = 0; frame < frames; frame++) {
      let energy = 0;
      const base = frame * bins + first;
      for (let index = 0; index < weights.length; index++)
        energy += (weights[index] ?? 0) * (power[base + index] ?? 0);
      mel[band * frames + frame] = scale(energy, band);
    }
  }
  return mel;
}
