import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FRAMES, turnFeatures } from './turn-features.js';

const SAMPLE = path.resolve(import.meta.dirname, '../../../../../test/fixtures/speech-sample.wav');
const WAV_HEADER = 44;
const bytes = readFileSync(SAMPLE).subarray(WAV_HEADER);
const speech = Float32Array.from(
  { length: bytes.length >> 1 },
  (_, at) => bytes.readInt16LE(at * 2) / 32_768,
);

const at = (features: Float32Array, band: number, frame: number): number => features[band * FRAMES + frame]!;
const mean = (features: Float32Array): number =>
  features.reduce((sum, value) => sum + value, 0) / features.length;

describe('the features of a turn', () => {
  // From transformers' WhisperFeatureExtractor(chunk_length=8) with do_normalize, zeros in front.
  it.each([
    [16_000, 0.02579349, -0.048145533, 1.2130284],
    [48_000, 0.16756706, 0.69634855, 0.039829195],
    [100_800, 0.32101426, 0.99363947, 0.18132687],
  ])('of the first %i samples equal those of the reference', (samples, average, early, late) => {
    const features = turnFeatures(speech.subarray(0, samples));
    expect(mean(features)).toBeCloseTo(average, 3);
    expect(at(features, 3, 700)).toBeCloseTo(early, 3);
    expect(at(features, 40, 790)).toBeCloseTo(late, 3);
  });

  it('of silence are the floor, and only the last 8 s count', () => {
    expect(turnFeatures(new Float32Array(0)).every((value) => value === -1.5)).toBe(true);
    const long = new Float32Array(200_000);
    long.set(speech, 200_000 - speech.length);
    const short = new Float32Array(128_000);
    short.set(speech, 128_000 - speech.length);
    expect(turnFeatures(long)).toEqual(turnFeatures(short));
  });
});
