import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableCues, toSrt, toVtt } from './cues.js';

const cues = [
  { startMs: 0, endMs: 1_500, text: 'صباح الخير' },
  { startMs: 3_661_001, endMs: 3_662_000, text: 'a < b & c' },
];

describe('subtitles of a dictation', () => {
  it('are written as SRT', () => {
    expect(toSrt(cues)).toBe(
      '1\n00:00:00,000 --> 00:00:01,500\nصباح الخير\n\n2\n01:01:01,001 --> 01:01:02,000\na < b & c\n',
    );
  });

  it('are written as WebVTT, with its special characters escaped', () => {
    expect(toVtt(cues)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nصباح الخير\n\n01:01:01.001 --> 01:01:02.000\na &lt; b &amp; c\n',
    );
  });

  it('have no cue for text without words', () => {
    expect(toVtt([{ startMs: 0, endMs: 1, text: ' \n ' }])).toBe('WEBVTT\n');
  });

  it('keep every word and lie one after the other, however long a sentence is', () => {
    const words = fc.array(fc.stringMatching(/^[ا-ي]{1,12}$/), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(words, fc.nat(60_000), (list, endMs) => {
        const parts = readableCues([{ startMs: 0, endMs, text: list.join(' ') }]);
        expect(parts.flatMap(({ text }) => text.split(' '))).toEqual(list);
        let now = 0;
        for (const part of parts) {
          expect(part.text.length).toBeLessThanOrEqual(84);
          expect(part.startMs).toBe(now);
          expect(part.endMs).toBeGreaterThan(now);
          now = part.endMs;
        }
      }),
    );
  });
});
