import { describe, expect, it } from 'vitest';
import { FakeVoiceActivity } from '../engines/vad/fake-voice-activity.js';
import { referenceRecording, REFERENCE_RATE, secondsOfSpeech } from './reference-recording.js';

const never = new AbortController().signal;
const detector = new FakeVoiceActivity();

interface Part {
  seconds: number;
  /** Amplitude of a tone; 0 is silence. */
  amplitude: number;
}

/** A sequence of tones and silences, with constant noise. */
function recording(parts: Part[], noise = 0.0001): Float32Array {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 0x7fffffff) / 0x7fffffff - 0.5;
  return Float32Array.from(
    parts.flatMap(({ seconds, amplitude }) =>
      Array.from({ length: seconds * REFERENCE_RATE }, (_, index) => {
        const tone = amplitude * Math.sin((2 * Math.PI * 220 * index) / REFERENCE_RATE);
        return Math.max(-1, Math.min(1, tone + noise * Math.sqrt(12) * random()));
      }),
    ),
  );
}

const silence = (seconds: number): Part => ({ seconds, amplitude: 0 });
const speech = (seconds: number, amplitude = 0.2): Part => ({ seconds, amplitude });
const judged = (samples: Float32Array) => referenceRecording(samples, detector, never);
const rmsDb = (samples: Float32Array): number =>
  10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

describe('A reference recording', () => {
  it('is measured', async () => {
    const { quality } = await judged(recording([silence(1), speech(4), silence(1)], 0.005));
    expect(quality.speechSeconds).toBeCloseTo(4, 0);
    // 0.2 of full scale is -17 dB for a sine, noise of 0.005 is -46 dB.
    expect(Math.abs(quality.loudnessDb - -17)).toBeLessThan(0.3);
    expect(Math.abs(quality.snrDb - 29)).toBeLessThan(0.6);
    expect(quality.clippingPercent).toBe(0);
  });

  it('loses the silence around it, and its long pauses are shortened', async () => {
    const { samples } = await judged(
      recording([silence(3), speech(2), silence(0.4), speech(2), silence(5), speech(1), silence(2)]),
    );
    // 5 s of speech, a short pause, 0.4 s left of the long one and 0.2 s at each end.
    expect(samples.length / REFERENCE_RATE).toBeCloseTo(5 + 0.4 + 0.4 + 0.4, 0);
    expect(Math.abs(samples[0] ?? 1)).toBe(0);
  });

  it.each([0.02, 0.2, 0.9])('has the same loudness after a recording level of %f', async (amplitude) => {
    const { samples } = await judged(recording([silence(1), speech(6, amplitude), silence(1)]));
    const spoken = samples.subarray(REFERENCE_RATE, 5 * REFERENCE_RATE);
    expect(Math.abs(rmsDb(spoken) - -23)).toBeLessThan(0.3);
  });

  it('never clips when it is amplified', async () => {
    const peak = recording([silence(1), speech(6, 0.02), silence(1)]);
    peak[3 * REFERENCE_RATE] = 0.9;
    const { samples } = await judged(peak);
    expect(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeCloseTo(0.95, 2);
  });

  it.each<[string, Float32Array, string, RegExp]>([
    ['shorter than 3 s', recording([speech(2.5)]), 'audio_too_short', /2\.5 s long.*3 to 60 s/],
    ['without speech', recording([silence(5)], 0.001), 'no_speech', /nobody speaks.*speech 0 s/],
    [
      'too short without its silence',
      recording([silence(2), speech(1.5), silence(2)]),
      'too_little_speech',
      /only 1\.[56] s of it are speech, at least 2 s/,
    ],
    [
      'that is clipped',
      recording([silence(1), speech(4, 1.2)]),
      'clipped_audio',
      /clipped, at most 0\.2 %.*clipping \d+(\.\d+)? %/,
    ],
    [
      'with as much noise as that',
      recording([silence(2), speech(4, 0.05), silence(2)], 0.009),
      'noisy_audio',
      /speech is (11|12)(\.\d)? dB above the noise, at least 15 dB/,
    ],
  ])('is rejected %s, with the measured values', async (_, samples, code, message) => {
    const loud = { probabilities: gated(samples) };
    const failure = referenceRecording(samples, loud, never);
    await expect(failure).rejects.toMatchObject({ status: 400, code, param: 'file' });
    await expect(failure).rejects.toThrow(message);
  });

  it('does not count as clean when a phone has removed its pauses', async () => {
    const noisy = recording([speech(2, 0.05), silence(1), speech(2, 0.05), silence(1)], 0.009);
    noisy.fill(0, 2 * REFERENCE_RATE, 3 * REFERENCE_RATE);
    const quiet = { probabilities: gated(noisy) };
    await expect(referenceRecording(noisy, quiet, never)).rejects.toMatchObject({ code: 'noisy_audio' });
  });

  it('stops when the caller leaves', async () => {
    const left = AbortSignal.abort(new Error('left'));
    await expect(referenceRecording(recording([speech(4)]), detector, left)).rejects.toThrow('left');
  });

  it('measures the seconds of speech in a consent recording', async () => {
    const seconds = await secondsOfSpeech(recording([silence(2), speech(1.5)]), detector, never);
    expect(seconds).toBeCloseTo(1.5, 1);
  });
});

/** A detector that knows the tones of this file from noise of any strength: the frames with twice the least power. */
function gated(samples: Float32Array): FakeVoiceActivity['probabilities'] {
  const frames = Math.ceil(((samples.length / REFERENCE_RATE) * 16_000) / 512);
  const length = samples.length / frames;
  const power = Array.from({ length: frames }, (_, frame) => {
    const part = samples.subarray(frame * length, (frame + 1) * length);
    return part.reduce((sum, sample) => sum + sample * sample, 0) / part.length;
  });
  const noise = Math.min(...power.filter((value) => value > 0));
  return async () => Float32Array.from(power, (value) => (value > Math.max(4 * noise, 1e-4) ? 1 : 0));
}
