export interface SpeechOptions {
  /** A name out of `voices`; the engine's own default when absent. */
  voice?: string;
  /** 0.25 to 4; 1 is the engine's natural pace. */
  speed?: number;
}

export interface SpeechAudio {
  /** Mono, in [-1, 1]. */
  samples: Float32Array;
  sampleRate: number;
  /** Letters, digits and signs of the text that the voice has no sound for and left out; absent where it said all. */
  unspoken?: readonly string[];
}

export interface TextToSpeech {
  readonly id: string;
  readonly voices: readonly string[];
  readonly capabilities: {
    /** The speeds that are followed, null where there is one pace only. Others are held to the nearest and the caller is told. */
    readonly speed: { readonly slowest: number; readonly fastest: number } | null;
    /** Longest text of one call, in characters. */
    readonly maxCharacters: number;
  };
  /** Why the engine cannot speak now, as a sentence for the caller; null when it can. Cheap: asked before every call. */
  unavailableReason(): string | null;
  /**
   * Throws AppError: 400 `nothing_to_say` when no character of the text has a sound, 400 `voice_not_found`, 429 when too
   * many wait, 503 when the engine is not there. Aborting stops the engine and rejects with the signal's reason.
   */
  synthesize(text: string, options: SpeechOptions, signal: AbortSignal): Promise<SpeechAudio>;
  /** Audio while it is made, in order, one sample rate throughout. Leaving the loop stops the engine. Absent where the engine makes all at once. */
  stream?(text: string, options: SpeechOptions, signal: AbortSignal): AsyncIterable<SpeechAudio>;
}
