import { describe, expect, it } from 'vitest';
import { ServiceTime } from './service-time.js';

describe('ServiceTime', () => {
  it('follows the current duration of work, and ignores one slow piece that waited for a model', () => {
    const time = new ServiceTime();
    for (let i = 0; i < 20; i++) time.add(400);
    time.add(90_000);
    expect(time.milliseconds).toBe(400);
    for (let i = 0; i < 15; i++) time.add(50);
    expect(time.milliseconds).toBe(50);
  });

  it('gives hints that clients follow: at most a minute, and never almost zero', () => {
    const time = new ServiceTime();
    time.add(2);
    expect(time.hintMs(1)).toBe(100);
    time.add(200_000);
    time.add(200_000);
    expect(time.hintMs(3)).toBe(60_000);
  });
});
