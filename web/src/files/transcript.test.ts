import { describe, expect, it } from 'vitest';
import { clockTime, segmentAt, speakersOf } from './transcript.js';

const segments = [
  { start: 1, end: 2, text: 'أ', speaker: 'B' },
  { start: 2, end: 3.5, text: 'ب', speaker: 'A' },
  { start: 5, end: 6, text: 'ج', speaker: 'B' },
  { start: 7, end: 8, text: 'د' },
];

describe('a transcript beside its player', () => {
  it('shows the segment that is heard, and none in a pause', () => {
    expect([0, 1, 1.9, 2, 3.4, 4, 5.5, 9].map((seconds) => segmentAt(segments, seconds))).toEqual([
      -1, 0, 0, 1, 1, -1, 2, -1,
    ]);
  });

  it('gives speakers their colours in the order in which they speak', () => {
    expect(speakersOf(segments)).toEqual(['B', 'A']);
  });

  it.each([
    [0, '0:00'],
    [62.9, '1:02'],
    [3_723, '1:02:03'],
  ])('shows %s s as %s', (seconds, shown) => {
    expect(clockTime(seconds)).toBe(shown);
  });
});
