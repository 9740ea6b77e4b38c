import type { TranscriptSegment } from '../../speech-to-text.js';
import { compressionRatioOf } from './decode-text.js';
import type { HeardText } from './hear-window.js';
import { TIMESTAMP_STEP_SECONDS, type Vocabulary } from './vocabulary.js';

export interface WindowTimes {
  /** Seconds from the start of the recording. */
  start: number;
  end: number;
}

type SegmentVocabulary = Pick<Vocabulary, 'isTimestamp' | 'firstTimestamp' | 'decode'>;

/** The heard text as segments with times of the whole recording: one per pair of timestamps, or one for the window. */
export function segmentsOf(
  heard: HeardText,
  window: WindowTimes,
  vocabulary: SegmentVocabulary,
  speechShare: number | undefined,
): TranscriptSegment[] {
  const seconds = (token: number): number =>
    Math.min(window.end, window.start + (token - vocabulary.firstTimestamp) * TIMESTAMP_STEP_SECONDS);
  const segments: TranscriptSegment[] = [];
  let start = window.start;
  let words: number[] = [];
  const finish = (end: number): void => {
    const text = vocabulary.decode(words).trim();
    if (text !== '') {
      segments.push({
        start,
        end: Math.max(start, end),
        text,
        tokens: words,
        ...qualityOf(heard, text),
        ...(speechShare !== undefined && { speechShare }),
      });
    }
    words = [];
  };
  for (const token of heard.tokens) {
    if (!vocabulary.isTimestamp(token)) words.push(token);
    else {
      const time = seconds(token);
      if (words.length > 0) finish(time);
      start = Math.max(segments.at(-1)?.end ?? window.start, time);
    }
  }
  finish(window.end);
  return segments;
}

function qualityOf(
  heard: HeardText,
  text: string,
): Pick<TranscriptSegment, 'temperature' | 'avgLogprob' | 'compressionRatio' | 'noSpeechProb'> {
  const { temperature, avgLogprob, noSpeechProb } = heard;
  return { temperature, avgLogprob, compressionRatio: compressionRatioOf(text), noSpeechProb };
}
