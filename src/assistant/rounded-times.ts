import type { Transcript } from '../engines/stt/speech-to-text.js';

/** Rounds all times to milliseconds: engines sum steps of 20 ms in binary fractions, which gives 1.3199999. */
export function withRoundedTimes(transcript: Transcript): Transcript {
  const { duration, segments, words, dropped } = transcript;
  return {
    ...transcript,
    duration: toMilliseconds(duration),
    segments: segments.map(rounded),
    ...(words && { words: words.map(rounded) }),
    dropped: dropped.map(rounded),
  };
}

function rounded<Piece extends { start: number; end: number }>(piece: Piece): Piece {
  return { ...piece, start: toMilliseconds(piece.start), end: toMilliseconds(piece.end) };
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
