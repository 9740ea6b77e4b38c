import type { Priority } from '../../lib/priority.js';

/** Everything an engine must know to turn speech into text. All times are seconds from the start of the recording. */
export interface TranscribeOptions {
  /** ISO 639-1. */
  language: string;
  /** Text in the style and spelling the transcript should have; it biases, it does not instruct. */
  prompt?: string;
  timestamps: 'none' | 'segment' | 'word';
  /** 0 means: start greedy and climb only when the quality thresholds fail. */
  temperature?: number;
  /** Also give the probability of each token of the segments. */
  logprobs?: boolean;
  /** The call's place in the engine's queue; `interactive` when absent. */
  priority?: Priority;
}

/** A token of the text; a letter may be split between two, so only the bytes of all together are sure to be text. */
export interface TokenLogprob {
  bytes: number[];
  /** Natural logarithm. */
  logprob: number;
}

export interface TranscriptSegment {
  start: number;
  end: number;
  text: string;
  tokens: number[];
  temperature: number;
  /** Mean natural-log probability per token, the end token included. */
  avgLogprob: number;
  /** UTF-8 bytes divided by their zlib size. */
  compressionRatio: number;
  noSpeechProb: number;
  /** Share of the segment that the voice detector calls speech, where it ran (0 to 1). */
  speechShare?: number;
  /** Where the window begins in which the segment was heard, in hundredths of a second. */
  seek?: number;
  /** One per token, where they were asked for. */
  logprobs?: TokenLogprob[];
}

export interface TranscriptWord {
  word: string;
  start: number;
  end: number;
}

/**
 * Why decoded text was dropped: nobody spoke, it repeats itself or the prompt, or it is a phrase that models invent on
 * silence and music.
 */
export const DROP_REASONS = [
  'no-speech',
  'repetition',
  'prompt-echo',
  'no-words',
  'repeated-word',
  'credit',
  'channel',
  'thanks',
  'caption',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** A segment that was decoded and then dropped. */
export interface DroppedSegment {
  start: number;
  end: number;
  text: string;
  reason: DropReason;
}

export interface Transcript {
  text: string;
  language: string;
  /** Seconds of audio. */
  duration: number;
  segments: TranscriptSegment[];
  words?: TranscriptWord[];
  dropped: DroppedSegment[];
  /** How many tokens of the prompt the model was given. */
  promptTokens?: number;
  /** Sentences for the caller: what was left out, shortened or guessed. */
  warnings: string[];
}

/** A long recording is heard in parts; each gives its segments as soon as they are written. */
export type TranscriptEvent =
  | { type: 'segments'; segments: TranscriptSegment[] }
  /** Always the last event, with the whole transcript. */
  | { type: 'done'; transcript: Transcript };

export interface SpeechToText {
  readonly id: string;
  readonly capabilities: { readonly words: boolean };
  /** `audio` is 16 kHz mono in [-1, 1]. Aborting stops between two decoder steps and rejects with the signal's reason. */
  transcribe(audio: Float32Array, options: TranscribeOptions, signal: AbortSignal): Promise<Transcript>;
  /** The same, while it is heard. Leaving the loop stops the engine. */
  stream(
    audio: Float32Array,
    options: TranscribeOptions,
    signal: AbortSignal,
  ): AsyncIterable<TranscriptEvent>;
}
