import type { Priority } from '../../lib/priority.js';

/** Sample rate of all audio here, in Hz. */
export const VAD_SAMPLE_RATE = 16_000;
/** Samples per probability: 32 ms. */
export const VAD_FRAME = 512;

/** Detects where somebody speaks. */
export interface VoiceActivityDetector {
  /**
   * One probability of speech per frame of 512 samples (16 kHz mono in [-1, 1]; the last frame is filled up with
   * silence). Aborting stops between two frames and rejects with the signal's reason. `priority` is `interactive` when absent.
   */
  probabilities(audio: Float32Array, signal: AbortSignal, priority?: Priority): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Samples, `end` not included. */
export interface SpeechSpan {
  start: number;
  end: number;
}

export interface SpeechThresholds {
  /** Speech starts at this probability... */
  threshold: number;
  /** ...and ends below this one. */
  negativeThreshold: number;
  minSpeechMs: number;
  minSilenceMs: number;
  /** Added to both ends of a span, as far as there is room. */
  paddingMs: number;
}

/** The values that Silero recommends. */
export const SPEECH: SpeechThresholds = {
  threshold: 0.5,
  negativeThreshold: 0.35,
  minSpeechMs: 250,
  minSilenceMs: 100,
  paddingMs: 30,
};

/** The spans of speech, in order and without overlap. `samples` is the recording's length. */
export function speechSpans(
  probabilities: Float32Array,
  samples: number,
  thresholds: SpeechThresholds = SPEECH,
): SpeechSpan[] {
  const spans = rawSpans(probabilities, samples, thresholds);
  const long = spans.filter(({ start, end }) => end - start >= toSamples(thresholds.minSpeechMs));
  return padded(long, samples, toSamples(thresholds.paddingMs));
}

/** Share of the recording (0 to 1) that lies in spans. */
export function speechShareOf(spans: SpeechSpan[], start: number, end: number): number {
  const inside = spans.reduce(
    (sum, span) => sum + Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)),
    0,
  );
  return end > start ? inside / (end - start) : 0;
}

function rawSpans(probabilities: Float32Array, samples: number, thresholds: SpeechThresholds): SpeechSpan[] {
  const spans: SpeechSpan[] = [];
  const patience = toSamples(thresholds.minSilenceMs);
  let start: number | undefined;
  let silentSince: number | undefined;
  probabilities.forEach((probability, frame) => {
    const at = frame * VAD_FRAME;
    if (probability >= thresholds.threshold) {
      start ??= at;
      silentSince = undefined;
    } else if (start !== undefined && probability < thresholds.negativeThreshold) {
      silentSince ??= at;
      if (at + VAD_FRAME - silentSince >= patience) {
        spans.push({ start, end: silentSince });
        start = undefined;
        silentSince = undefined;
      }
    }
  });
  if (start !== undefined) spans.push({ start, end: silentSince ?? samples });
  return spans;
}

function padded(spans: SpeechSpan[], samples: number, padding: number): SpeechSpan[] {
  return spans.map(({ start, end }, index) => {
    const before = spans[index - 1]?.end ?? 0;
    const after = spans[index + 1]?.start ?? samples;
    return {
      start:
        index === 0
          ? Math.max(0, start - padding)
          : Math.max(Math.ceil((before + start) / 2), start - padding),
      end:
        index === spans.length - 1
          ? Math.min(samples, end + padding)
          : Math.min(Math.floor((end + after) / 2), end + padding),
    };
  });
}

function toSamples(milliseconds: number): number {
  return (milliseconds * VAD_SAMPLE_RATE) / 1000;
}
