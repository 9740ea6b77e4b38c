import type { AppError } from '../../lib/errors.js';

/** Sampling settings of engines that generate speech by random sampling. */
export interface SamplingOptions {
  /** Below 1 more uniform, above 1 more varied. */
  temperature?: number;
  /** Samples only from this many of the most probable tokens; 1 always takes the most probable one. */
  topK?: number;
  /** Samples only from the most probable tokens whose probabilities sum up to this share. */
  topP?: number;
  /** Penalty on repeated tokens; 1 means none. */
  repetitionPenalty?: number;
  /** The same seed, text, voice and settings give the same audio; without it every call differs. */
  seed?: number;
}

export interface SpeechOptions extends SamplingOptions {
  /** One of `voices`, or a name for which `hasVoice` is true; the engine's default when absent. */
  voice?: string;
  /** Within SPEED_RANGE; 1 is the engine's natural pace. */
  speed?: number;
}

export interface SpeechAudio {
  /** Mono, in [-1, 1]. */
  samples: Float32Array;
  sampleRate: number;
  /** Letters, digits and signs of the text that the voice cannot speak and left out; absent when there are none. */
  unspoken?: readonly string[];
  /** Deviations from the request, as sentences for the caller; absent when there are none. */
  warnings?: readonly string[];
}

/** The length of some audio. */
export function secondsOf({ samples, sampleRate }: Pick<SpeechAudio, 'samples' | 'sampleRate'>): number {
  return samples.length / sampleRate;
}

export interface TextToSpeech {
  readonly id: string;
  /** Of the program or the weights, as its owner names it. */
  readonly licence: string;
  /** The voices that are always there. */
  readonly voices: readonly string[];
  readonly capabilities: {
    /** The speeds that are followed, null where there is one pace only. Others are held to the nearest and the caller is told. */
    readonly speed: { readonly slowest: number; readonly fastest: number } | null;
    /** Longest text of one call, in characters. */
    readonly maxCharacters: number;
    /** Whether SamplingOptions are followed; absent where speech is not drawn at random. */
    readonly sampling?: true;
  };
  /** Whether there is such a voice outside `voices`, asked for each request: cloned voices come and go. Absent where there are none. */
  hasVoice?(voice: string): Promise<boolean>;
  /** Throws AppError 400 for a setting out of the engine's range; absent where there is nothing to check. */
  checkSettings?(options: SpeechOptions): void;
  /** The error for the caller when the engine cannot speak now, else null. Cheap: asked before every call. */
  unavailable(): AppError | null;
  /** What whoever runs the service should see to although the engine works; null or absent where there is nothing. */
  warning?(): string | null;
  /**
   * Throws AppError: 400 `nothing_to_say` when no character of the text has a sound, 404 `voice_not_found`, 429 when too
   * many wait, 503 when the engine is not there. Aborting stops the engine and rejects with the signal's reason.
   */
  synthesize(text: string, options: SpeechOptions, signal: AbortSignal): Promise<SpeechAudio>;
  /** Audio while it is made, in order, one sample rate throughout. Leaving the loop stops the engine. Absent where the engine makes all at once. */
  stream?(text: string, options: SpeechOptions, signal: AbortSignal): AsyncIterable<SpeechAudio>;
}
