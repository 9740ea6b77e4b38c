import { melBank, melSpectrogram, periodicWindow, powerSpectra } from './spectrogram.js';

/** Sample rates of the two encoders, in Hz. */
export const CONDITIONING_RATE = 22_050;
export const SPEAKER_RATE = 16_000;
export const CONDITIONING_BANDS = 80;
export const SPEAKER_BANDS = 64;

const HIGHEST_FREQUENCY = 8_000;
const QUIETEST = 1e-5;
const PRE_EMPHASIS = 0.97;

const HANN = 0.5;
const HAMMING = 0.54;
const CONDITIONING = { transformLength: 2048, windowLength: 1024, hop: 256 };
const SPEAKER = { transformLength: 512, windowLength: 400, hop: 160 };

/** The shortest recording whose ends can be mirrored, in samples. */
export const SHORTEST_CONDITIONING = CONDITIONING.transformLength / 2 + 1;

/**
 * Input of the conditioning encoder, `CONDITIONING_BANDS` rows: logarithm of the mel energies at 22,050 Hz, divided by
 * each band's divisor.
 */
export function conditioningMel(samples: Float32Array, divisors: Float32Array): Float32Array {
  const { transformLength, windowLength, hop } = CONDITIONING;
  const spectra = powerSpectra(samples, { transformLength, window: periodicWindow(windowLength, HANN), hop });
  const bank = melBank(CONDITIONING_BANDS, HIGHEST_FREQUENCY, CONDITIONING_RATE, transformLength, true);
  return melSpectrogram(
    spectra,
    bank,
    (energy, band) => Math.log(Math.max(energy, QUIETEST)) / (divisors[band] ?? 1),
  );
}

/**
 * Input of the speaker encoder, `SPEAKER_BANDS` rows: mel energies at 16 kHz. The graph itself computes the logarithm.
 */
export function speakerMel(samples: Float32Array): Float32Array {
  const { transformLength, windowLength, hop } = SPEAKER;
  const window = periodicWindow(windowLength, HAMMING);
  const spectra = powerSpectra(emphasised(samples), { transformLength, window, hop });
  return melSpectrogram(
    spectra,
    melBank(SPEAKER_BANDS, HIGHEST_FREQUENCY, SPEAKER_RATE, transformLength, false),
  );
}

/** y[n] = x[n] - 0.97 x[n - 1]; the sample before the first is the second, mirrored. */
function emphasised(samples: Float32Array): Float32Array {
  return samples.map((sample, index) => sample - PRE_EMPHASIS * (samples[index === 0 ? 1 : index - 1] ?? 0));
}
