import { describe, expect, it } from 'vitest';
import { findingsOf, verdictOf } from './verdict.js';

const studio = { speech_seconds: 9, snr_db: 40, clipping_percent: 0, loudness_db: -23 };

describe('the verdict on a recording', () => {
  it.each([
    ['a studio', studio, 'good', null],
    ['a short one', { ...studio, speech_seconds: 3 }, 'fair', 'speech'],
    ['a noisy room', { ...studio, snr_db: 16 }, 'fair', 'noise'],
    ['a loud one', { ...studio, clipping_percent: 0.3 }, 'poor', 'clipping'],
    ['a whisper far away', { ...studio, loudness_db: -60 }, 'poor', 'loudness'],
  ])('names what is wrong: %s', (_, quality, verdict, measure) => {
    const findings = findingsOf(quality);
    expect(verdictOf(findings)).toBe(verdict);
    expect(findings.find(({ grade }) => grade !== 'good')?.measure ?? null).toBe(measure);
  });
});
