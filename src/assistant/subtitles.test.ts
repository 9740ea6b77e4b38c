import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subRip, webVtt } from './subtitles.js';

const CUES = [
  { start: 0, end: 1.2345, text: 'افتح Google Maps دلوقتي' },
  { start: 3_599.999, end: 3_723.5, text: 'a < b & c --> d' },
];

describe('Subtitles', () => {
  it('are numbered SubRip with commas', () => {
    expect(subRip(CUES)).toBe(
      '1\n00:00:00,000 --> 00:00:01,235\n\u2067افتح \u2066Google Maps\u2069 دلوقتي\u2069\n\n' +
        '2\n00:59:59,999 --> 01:02:03,500\na < b & c --> d\n\n',
    );
  });

  it('are WebVTT with a header, dots, and escaped text', () => {
    expect(webVtt(CUES)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.235\n\u2067افتح \u2066Google Maps\u2069 دلوقتي\u2069\n\n' +
        '00:59:59.999 --> 01:02:03.500\na &lt; b &amp; c --&gt; d\n\n',
    );
  });

  it('without a cue are an empty SubRip file or a WebVTT header', () => {
    expect(subRip([])).toBe('');
    expect(webVtt([{ start: 0, end: 1, text: ' \u200f ' }])).toBe('WEBVTT\n\n');
  });

  it('keep any text in its own cue, which ends after its start', () => {
    const cue = fc.record({
      start: fc.double({ min: 0, max: 40_000, noNaN: true }),
      end: fc.double({ min: 0, max: 40_000, noNaN: true }),
      text: fc.string({ unit: 'binary' }),
    });
    fc.assert(
      fc.property(fc.array(cue), (cues) => {
        const blocks = webVtt(cues).split('\n\n').slice(1, -1);
        for (const block of blocks) {
          const [times = '', ...lines] = block.split('\n');
          const [from = '', to = ''] = times.split(' --> ');
          expect(times).toMatch(/^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}$/);
          expect(from < to).toBe(true);
          expect(lines).toHaveLength(1);
          expect(lines[0]).not.toMatch(/-->|</);
        }
      }),
    );
  });
});
