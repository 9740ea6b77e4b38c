import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakQuality, shownLength } from './subtitle-breaks.js';
import { subtitleCues } from './subtitle-cues.js';
import { subRip, webVtt, type Cue } from './subtitles.js';

const linesOf = ({ text }: Cue): readonly string[] => [text].flat();
const words = fc.array(fc.stringMatching(/^[ا-ي]{1,12}[،؛؟.]?$/u), { minLength: 1, maxLength: 60 });

describe('the cues of a transcript', () => {
  it('leave a short segment as it is', () => {
    expect(subtitleCues([{ start: 1, end: 3, text: 'صباح الخير يا مصر' }])).toEqual([
      { start: 1, end: 3, text: ['صباح الخير يا مصر'] },
    ]);
  });

  it('break lines after a mark rather than in the middle', () => {
    const text = 'أنا رحت السوق امبارح الصبح، وجبت كل الطلبات اللي انت عايزها';
    expect(subtitleCues([{ start: 0, end: 5, text }])[0]?.text).toEqual([
      'أنا رحت السوق امبارح الصبح،',
      'وجبت كل الطلبات اللي انت عايزها',
    ]);
  });

  it('break before "and" and prepositions where there is no mark', () => {
    const text = 'هنقابل الناس كلها بكرة الساعة خمسة في محطة مصر القديمة';
    expect(subtitleCues([{ start: 0, end: 5, text }])[0]?.text).toEqual([
      'هنقابل الناس كلها بكرة الساعة خمسة',
      'في محطة مصر القديمة',
    ]);
    expect(breakQuality('السوق', 'وبعدين')).toBe(1);
    expect(breakQuality('السوق', 'وش')).toBe(0);
  });

  it('follow the times of words', () => {
    const cues = subtitleCues(
      [{ start: 0, end: 20, text: 'أيوه خلاص' }],
      [
        { start: 1, end: 2 },
        { start: 15, end: 16 },
      ],
    );
    expect(cues).toEqual([
      { start: 1, end: 2, text: ['أيوه'] },
      { start: 15, end: 16, text: ['خلاص'] },
    ]);
  });

  it('keep every word in order, within two lines of 42 characters and seven seconds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(words, fc.integer({ min: 0, max: 60 })), { maxLength: 5 }), (spoken) => {
        let at = 0;
        const segments = spoken.map(([texts, seconds], index) => {
          const start = at;
          at += seconds;
          return { start, end: at, text: texts.join(' '), speaker: `s${index}` };
        });
        const cues = subtitleCues(segments);
        expect(cues.flatMap(linesOf).join(' ')).toBe(segments.map(({ text }) => text).join(' '));
        let last = 0;
        for (const cue of cues) {
          expect(linesOf(cue).length).toBeLessThanOrEqual(2);
          for (const line of linesOf(cue)) expect(shownLength(line)).toBeLessThanOrEqual(42);
          expect(cue.end - cue.start).toBeLessThanOrEqual(7 + 1e-9);
          expect(cue.start).toBeGreaterThanOrEqual(last);
          expect(cue.end).toBeGreaterThanOrEqual(cue.start);
          last = cue.end;
        }
        for (const { speaker, text } of segments)
          expect(
            cues
              .filter((cue) => cue.speaker === speaker)
              .flatMap(linesOf)
              .join(' '),
          ).toBe(text);
      }),
    );
  });

  it('show the speaker as each format does, with direction marks for every line', () => {
    const cues = [{ start: 0, end: 1, text: ['أهلا', 'Hi'], speaker: 'A <b>' }];
    expect(webVtt(cues)).toContain('\n<v A &lt;b&gt;>\u2067أهلا\u2069\nHi\n\n');
    expect(subRip(cues)).toContain('\nA <b>: \u2067أهلا\u2069\nHi\n\n');
  });
});
