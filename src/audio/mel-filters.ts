export interface MelBands {
  /** Hz. */
  sampleRate: number;
  /** Samples per frame of the Fourier transform. */
  frameSize: number;
  bands: number;
}

/** One band: weights of the bins from `firstBin` on. */
export interface MelFilter {
  firstBin: number;
  weights: Float64Array;
}

const LINEAR_HZ = 200 / 3;
const LOG_START_HZ = 1000;
const LOG_START_MEL = LOG_START_HZ / LINEAR_HZ;
const LOG_STEP = Math.log(6.4) / 27;

/** Slaney's mel scale: linear below 1 kHz, logarithmic above. */
function toHz(mel: number): number {
  return mel < LOG_START_MEL ? mel * LINEAR_HZ : LOG_START_HZ * Math.exp(LOG_STEP * (mel - LOG_START_MEL));
}

function toMel(hz: number): number {
  return hz < LOG_START_HZ ? hz / LINEAR_HZ : LOG_START_MEL + Math.log(hz / LOG_START_HZ) / LOG_STEP;
}

/** Triangles of equal area, evenly spaced on the mel scale from 0 to half the sample rate. */
export function slaneyFilters({ sampleRate, frameSize, bands }: MelBands): MelFilter[] {
  const top = toMel(sampleRate / 2);
  const edges = Array.from({ length: bands + 2 }, (_, index) => toHz((top * index) / (bands + 1)));
  return Array.from({ length: bands }, (_, band) => {
    const [low = 0, centre = 0, high = 0] = edges.slice(band, band + 3);
    const weightAt = (bin: number): number => {
      const hz = (bin * sampleRate) / frameSize;
      return (
        (Math.max(0, Math.min((hz - low) / (centre - low), (high - hz) / (high - centre))) * 2) / (high - low)
      );
    };
    const bins = Array.from({ length: frameSize / 2 + 1 }, (_, bin) => bin).filter(
      (bin) => weightAt(bin) > 0,
    );
    return { firstBin: bins[0] ?? 0, weights: Float64Array.from(bins, weightAt) };
  });
}
