import { MelSpectrogram } from '../../../stt/whisper/worker/mel-spectrogram.js';
import { LONGEST_SAMPLES } from '../protocol.js';

const BANDS = 80;
const HOP = 160;
export const FRAMES = LONGEST_SAMPLES / HOP;
export const FEATURE_SHAPE = [1, BANDS, FRAMES];
const VARIANCE_FLOOR = 1e-7;

const mel = new MelSpectrogram({ sampleRate: 16_000, frameSize: 400, hop: HOP, bands: BANDS });

/**
 * The model's input [1, 80, 800]: the last 8 s of the turn with zeros in front, zero mean and unit variance over all of it,
 * then Whisper's log-mel (transformers' WhisperFeatureExtractor with `do_normalize`).
 */
export function turnFeatures(samples: Float32Array): Float32Array {
  const audio = new Float32Array(LONGEST_SAMPLES);
  const end = samples.subarray(Math.max(0, samples.length - LONGEST_SAMPLES));
  audio.set(end, LONGEST_SAMPLES - end.length);
  const mean = audio.reduce((sum, sample) => sum + sample, 0) / audio.length;
  const variance = audio.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / audio.length;
  const scale = 1 / Math.sqrt(variance + VARIANCE_FLOOR);
  return mel.compute(
    audio.map((sample) => (sample - mean) * scale),
    FRAMES,
  );
}
