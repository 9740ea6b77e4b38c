import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelMixer } from './channel-mixer.js';
import { rms, tone } from './fake-recordings.js';

const RATE = 1_000;

function interleave(...channels: Float32Array[]): Float32Array {
  const frames = channels[0]?.length ?? 0;
  return Float32Array.from(
    { length: frames * channels.length },
    (_, index) => channels[index % channels.length]?.[Math.floor(index / channels.length)] ?? 0,
  );
}

function mix(samples: Float32Array, channels: number, pieces = [samples.length / channels]): number[] {
  const mixer = new ChannelMixer(channels, RATE);
  const mono: number[] = [];
  let start = 0;
  for (const frames of [...pieces, samples.length]) {
    mono.push(...mixer.push(samples.subarray(start, start + frames * channels)));
    start = Math.min(samples.length, start + frames * channels);
  }
  return [...mono, ...mixer.flush()];
}

describe('ChannelMixer', () => {
  const voice = tone(1, RATE);
  const opposite = voice.map((value) => -value);
  const silence = new Float32Array(RATE);

  it('returns the mean of channels that agree', () => {
    expect(mix(interleave(voice, voice), 2)).toEqual([...voice]);
    const half = mix(interleave(voice, silence), 2);
    expect(rms(Float32Array.from(half))).toBeCloseTo(rms(voice) / 2, 5);
  });

  it('takes one channel where two cancel', () => {
    expect(mix(interleave(voice, opposite), 2)).toEqual([...voice]);
  });

  it('keeps the voice that is on only one of many channels', () => {
    const channels = Array.from({ length: 8 }, (_, index) => (index === 5 ? voice : silence));
    expect(mix(interleave(...channels), 8)).toEqual([...voice]);
  });

  it('stays with one channel while the levels of both change a little', () => {
    const louder = opposite.map((value, index) => (index % 400 < 200 ? 1.3 : 0.8) * value);
    const mono = Float32Array.from(mix(interleave(voice, louder), 2));
    expect(rms(mono)).toBeGreaterThan(rms(voice) * 0.99);
  });

  it('gives one sample per frame, the same wherever the stream is cut, and never more than the input', () => {
    const samples = fc.float32Array({ min: -1, max: 1, noNaN: true, maxLength: 2_000 });
    const pieces = fc.array(fc.nat({ max: 700 }));
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 4 }), pieces, (input, channels, cuts) => {
        const whole = input.subarray(0, input.length - (input.length % channels));
        const mono = mix(whole, channels, cuts);
        expect(mono).toEqual(mix(whole, channels));
        expect(mono).toHaveLength(whole.length / channels);
        const peak = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(mono.every((value) => Math.abs(value) <= peak * 1.000001)).toBe(true);
      }),
    );
  });
});
