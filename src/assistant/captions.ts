/** What captions report about one utterance. */
export interface CaptionListener {
  /** Text that will not change. Append it, including its leading space, to the earlier committed text. */
  delta(text: string): void;
  /** The current hypothesis for the whole utterance, including unstable words. It replaces the earlier hypothesis. */
  hypothesis(text: string): void;
}

export interface CaptionOptions {
  /** ISO 639-1. */
  language: string;
  /** Text in the style that the transcript should have; empty for none. */
  prompt: string;
}

/**
 * Partial text of one utterance while it is spoken. At most one job of a stream waits or runs; it uses the audio
 * available at its start. None runs during a final transcription. A failed job is only logged.
 */
export interface CaptionStream {
  /** Adds audio: 16 kHz mono in [-1, 1]. Returns at once. */
  push(samples: Float32Array): void;
  /** Stops the running job. The listener is not called again. */
  close(): void;
}

export type OpenCaptions = (options: CaptionOptions, listener: CaptionListener) => CaptionStream;
