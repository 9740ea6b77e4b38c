import { describe, expect, it } from 'vitest';
import type { Transcript, TranscriptSegment } from '../engines/stt/speech-to-text.js';
import { withoutHallucinations } from './hallucination-filter.js';

function segment(text: string, start: number, doubts: Partial<TranscriptSegment> = {}): TranscriptSegment {
  return {
    start,
    end: start + 2,
    text,
    tokens: [1],
    temperature: 0,
    avgLogprob: -0.2,
    compressionRatio: 1.1,
    noSpeechProb: 0.02,
    ...doubts,
  };
}

function transcript(...segments: TranscriptSegment[]): Transcript {
  const text = segments.map((part) => part.text).join(' ');
  return { text, language: 'ar', duration: 10, segments, dropped: [], warnings: [] };
}

describe('withoutHallucinations', () => {
  it('keeps real speech', () => {
    const real = transcript(segment('شكراً', 0), segment('لأ مش عايز', 2));
    expect(withoutHallucinations(real)).toEqual(real);
  });

  it('drops text that was invented on silence, with the reason and a warning', () => {
    const result = withoutHallucinations(
      transcript(
        segment('عايز أوضة', 0),
        segment('اشتركوا في القناة', 2, { noSpeechProb: 0.8, avgLogprob: -0.9 }),
      ),
    );
    expect(result.text).toBe('عايز أوضة');
    expect(result.dropped).toEqual([{ start: 2, end: 4, text: 'اشتركوا في القناة', reason: 'channel' }]);
    expect(result.warnings).toHaveLength(1);
  });

  it('also drops the words of a dropped segment', () => {
    const heard = transcript(segment('تمام', 0), segment('نانسي قنقر', 2, { noSpeechProb: 0.9 }));
    const words = [
      { word: 'تمام', start: 0, end: 1 },
      { word: 'نانسي', start: 2, end: 3 },
    ];
    expect(withoutHallucinations({ ...heard, words }).words).toEqual([words[0]]);
  });
});
