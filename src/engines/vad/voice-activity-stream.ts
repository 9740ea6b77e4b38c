/** The verdict about one frame of `VAD_FRAME` samples. */
export interface VoiceVerdict {
  /** Probability of speech, 0 to 1. */
  probability: number;
  /** Index of the frame's first sample, counted from the first sample that was pushed into the stream. */
  sampleIndex: number;
}

export interface VoiceActivityListener {
  /** Verdicts in order, without a gap: one for each frame of 512 samples. Called asynchronously, never from `push`. */
  verdicts(verdicts: readonly VoiceVerdict[]): void;
  /** The detector cannot work (no model, or it failed again after a restart). No verdict follows. */
  failed(error: unknown): void;
}

/** Voice activity of one session while its audio arrives. */
export interface VoiceActivityStream {
  /**
   * Adds audio: 16 kHz mono in [-1, 1], any length. It returns at once and never throws. The stream cuts frames itself
   * and keeps the incomplete last one. The caller limits the audio without a verdict, because it knows both counts.
   */
  push(samples: Float32Array): void;
  /** Ends the stream. The listener is not called again. */
  close(): void;
}

/**
 * Voice activity for many sessions, in a process of its own. The state of a stream (the model's recurrent state and the
 * last context samples) belongs to the parent and travels with each message, so a killed child loses no session: the
 * unanswered frames are sent again.
 */
export interface VoiceActivityStreams {
  open(listener: VoiceActivityListener): VoiceActivityStream;
  close(): Promise<void>;
}
