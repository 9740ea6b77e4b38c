/** How soon the assistant answers: the longest wait is 8 s (low), 4 s (medium and auto) or 2 s (high). */
export type Eagerness = 'low' | 'medium' | 'high' | 'auto';

export interface TurnQuestion {
  /** The best text of the utterance so far, including unstable words; null before the first caption. */
  partial: string | null;
  /** The TurnModel's probability that the turn is complete. Absent without a model, and before its answer. */
  completeness?: number;
  eagerness: Eagerness;
}

/**
 * Rules on words that decide how much silence ends a turn. Pure and cheap, because it is called for each silent frame.
 */
export interface TurnRules {
  /** Milliseconds of silence after which the turn is over. */
  neededSilenceMs(question: TurnQuestion): number;
}

/** A model that detects from the audio whether the speaker has finished. Off unless the settings select it. */
export interface TurnModel {
  /**
   * Probability (0 to 1) that the turn is complete. `samples` is the turn so far with its trailing silence, 16 kHz mono
   * in [-1, 1]; the model looks at the last 8 s. Aborting rejects with the signal's reason.
   */
  completeness(samples: Float32Array, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}
