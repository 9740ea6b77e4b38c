import { describe, expect, it } from 'vitest';
import { InputDescription, reasonOf, tellsOfDamage } from './ffmpeg-log.js';

function describeInput(...lines: string[]): InputDescription {
  const description = new InputDescription();
  for (const line of lines) description.read(line);
  return description;
}

describe('InputDescription', () => {
  it('reads length and channels', () => {
    const description = describeInput(
      "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:upload':",
      '[info]   Duration: 01:02:03.50, start: 0.000000, bitrate: 118 kb/s',
      '[info]   Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 108 kb/s (default)',
    );
    expect(description).toMatchObject({ seconds: 3723.5, channels: 2 });
  });

  it.each([
    ['mono', 1],
    ['5.1(side)', 6],
    ['7.1.4', 12],
    ['12 channels', 12],
    ['1000000 channels', 1_000_000],
    ['hexadecagonal', 16],
    ['something new', null],
  ])('counts the channels of %s', (layout, channels) => {
    expect(
      describeInput(`[info]   Stream #0:1: Audio: pcm_s16le, 16000 Hz, ${layout}, s16, 256 kb/s`).channels,
    ).toBe(channels);
  });

  it('ignores an estimated length', () => {
    const guess = '[mp3 @ 0x55] [warning] Estimating duration from bitrate, this may be inaccurate';
    expect(describeInput(guess, '[info]   Duration: 99:00:00.00, start: 0').seconds).toBeNull();
    expect(describeInput('[info]   Duration: N/A, start: 0').seconds).toBeNull();
  });

  it('does not parse the tags of a recording as log lines', () => {
    expect(
      describeInput('[info]     title           :   Duration: 99:00:00.00, start: 0').seconds,
    ).toBeNull();
  });
});

describe('reasonOf', () => {
  it("never repeats ffmpeg's message", () => {
    const reason = reasonOf([
      '[mov @ 0x5566] [error] moov atom not found',
      '[error] file:/tmp/x/upload: Invalid data found',
    ]);
    expect(reason).toMatch(/^its index is missing/);
    expect(reasonOf(['[error] file:/tmp/secret: something new'])).not.toMatch(/secret|0x/);
  });
});

describe('tellsOfDamage', () => {
  it('ignores a video codec that was not opened', () => {
    expect(tellsOfDamage(["[h264 @ 0x1] [error] Codec (h264) not on whitelist 'aac'"])).toBe(false);
    expect(tellsOfDamage(['[aac @ 0x1] [error] channel element 2.3 is not allocated'])).toBe(true);
  });
});
