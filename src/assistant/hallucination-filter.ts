import { judgeSegment } from '../egyptian/judgements/hallucinations.js';
import { displayForm } from '../egyptian/transcripts.js';
import type { Transcript, TranscriptSegment } from '../engines/stt/speech-to-text.js';

const LEFT_OUT = 'Text that was probably not spoken was left out; "dropped" has it with the reason.';

/**
 * Removes text that Whisper invents on silence and music. No text is removed for its words alone: the sound must indicate
 * it, too. `dropped` lists everything that was removed.
 */
export function withoutHallucinations(transcript: Transcript): Transcript {
  const kept: TranscriptSegment[] = [];
  const dropped = [...transcript.dropped];
  for (const segment of transcript.segments) {
    const { start, end, text } = segment;
    const verdict = judgeSegment({ ...segment, durationSeconds: end - start });
    if (verdict.keep) kept.push({ ...segment, text: displayForm(text) });
    else dropped.push({ start, end, text, reason: verdict.reason });
  }
  if (dropped.length === transcript.dropped.length) {
    return { ...transcript, segments: kept, text: displayForm(transcript.text) };
  }
  const inKept = ({ start }: { start: number }): boolean =>
    kept.some((segment) => start >= segment.start && start < segment.end);
  return {
    ...transcript,
    text: kept.map((segment) => segment.text).join(' '),
    segments: kept,
    ...(transcript.words && { words: transcript.words.filter(inKept) }),
    dropped,
    warnings: [...transcript.warnings, LEFT_OUT],
  };
}
