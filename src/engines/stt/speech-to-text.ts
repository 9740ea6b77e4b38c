/** Everything an engine must know to turn speech into text. All times are seconds from the start of the recording. */
export interface TranscribeOptions {
  /** ISO 639-1. */
  language: string;
  /** Text in the style and spelling the transcript should have; it biases, it does not instruct. */
  prompt?: string;
  timestamps: 'none' | 'segment' | 'word';
  /** 0 means: start greedy and climb only when the quality thresholds fail. */
  temperature?: number;
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
}

export interface TranscriptWord {
  word: string;
  start: number;
  end: number;
}

/** A segment that was decoded and then not believed. */
export interface DroppedSegment {
  start: number;
  end: number;
  text: string;
  reason: string;
}

export interface Transcript {
  text: string;
  language: string;
  /** Seconds of audio. */
  duration: number;
  segments: TranscriptSegment[];
  words?: TranscriptWord[];
  dropped: DroppedSegment[];
  /** Sentences for the caller: what was left out, shortened or guessed. */
  warnings: string[];
}

export interface SpeechToText {
  readonly id: string;
  readonly capabilities: { readonly words: boolean };
  /** `audio` is 16 kHz mono in [-1, 1]. Aborting stops between two decoder steps and rejects with the signal's reason. */
  transcribe(audio: Float32Array, options: TranscribeOptions, signal: AbortSignal): Promise<Transcript>;
}
