import { VAD_FRAME, VAD_SAMPLE_RATE, type SpeechSpan } from './voice-activity.js';

/** A part of the recording that is decoded at once, in samples. */
export type RecordingWindow = SpeechSpan;

export interface WindowLimits {
  /** Longest window. */
  longest: number;
  /** A pause at least this long always ends a window: decoding it would cost more than another window. */
  pause: number;
  /**
   * Speech without a pause in a whole window is cut in this last part of it, at the frame where speech is least
   * probable.
   */
  search: number;
}

/** The windows of speech recognition: Whisper decodes 30 s at once. */
export const WINDOW_LIMITS: WindowLimits = {
  longest: 30 * VAD_SAMPLE_RATE,
  pause: 3 * VAD_SAMPLE_RATE,
  search: 10 * VAD_SAMPLE_RATE,
};

/**
 * Groups spans of speech into as few windows as fit. Windows are in order and do not overlap, and every sample of every
 * span is in exactly one; everything between two windows is silence.
 */
export function recordingWindows(
  spans: SpeechSpan[],
  probabilities: Float32Array,
  limits: WindowLimits,
): RecordingWindow[] {
  const windows: RecordingWindow[] = [];
  for (const piece of spans.flatMap((span) => shortPieces(span, probabilities, limits))) {
    const last = windows.at(-1);
    if (last && piece.start - last.end < limits.pause && piece.end - last.start <= limits.longest)
      last.end = piece.end;
    else windows.push({ ...piece });
  }
  return windows;
}

/** Cuts a span that is longer than a window, where speech is least likely in the last part of the window. */
function shortPieces(
  span: SpeechSpan,
  probabilities: Float32Array,
  { longest, search }: WindowLimits,
): SpeechSpan[] {
  const pieces: SpeechSpan[] = [];
  let { start } = span;
  while (span.end - start > longest) {
    const cut = quietest(probabilities, start + longest - search, start + longest);
    pieces.push({ start, end: cut });
    start = cut;
  }
  return [...pieces, { start, end: span.end }];
}

/** The middle of the frame with the least probability of speech that lies wholly between two samples; the last such frame wins. */
function quietest(probabilities: Float32Array, from: number, to: number): number {
  let best = to;
  let least = Infinity;
  for (let frame = Math.ceil(from / VAD_FRAME); (frame + 1) * VAD_FRAME <= to; frame++) {
    const probability = probabilities[frame] ?? 0;
    if (probability > least) continue;
    least = probability;
    best = frame * VAD_FRAME + VAD_FRAME / 2;
  }
  return best;
}
