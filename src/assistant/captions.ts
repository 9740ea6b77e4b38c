/** What captions report about one utterance. */
export interface CaptionListener {
  /** Text that will not change, to be appended to what came before (its leading space included). */
  delta(text: string): void;
  /** The whole utterance as it is understood now, the unstable words included. It replaces the hypothesis before. */
  hypothesis(text: string): void;
}

export interface CaptionOptions {
  /** ISO 639-1. */
  language: string;
  /** Text in the style that the transcript should have; empty for none. */
  prompt: string;
}

/**
 * Partial text of one utterance while it is spoken. At most one job of a stream waits or runs, and it takes the audio that
 * is there when it starts. None runs while a final text is made. A failed job is logged and costs nothing else.
 */
export interface CaptionStream {
  /** Adds audio: 16 kHz mono in [-1, 1]. Returns at once. */
  push(samples: Float32Array): void;
  /** Stops the running job. The listener is not called again. */
  close(): void;
}

export type OpenCaptions = (options: CaptionOptions, listener: CaptionListener) => CaptionStream;
