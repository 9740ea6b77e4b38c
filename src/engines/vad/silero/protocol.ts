/** Options for loading the detector in the child. */
export interface SileroOptions {
  /** Silero's ONNX file; the path is absolute. */
  model: string;
}

export interface SileroJob {
  /** 16 kHz mono in [-1, 1]. */
  audio: Float32Array;
}

/** One probability of speech per frame. */
export type SileroResult = Float32Array;

/** Samples of the previous frame that the model reads again. */
export const CONTEXT_SAMPLES = 64;
/** Values of the model's recurrent state for one stream: 2 layers of 128. */
export const STATE_VALUES = 256;

/** The model's state of one stream between two jobs. */
export interface SileroState {
  /** `STATE_VALUES` values, layer after layer. */
  recurrent: Float32Array;
  /** The last `CONTEXT_SAMPLES` samples that were processed. */
  context: Float32Array;
}

/** The next frames of several streams, each with its state. */
export interface SileroBatchJob {
  streams: { state: SileroState; frames: Float32Array }[];
}

/** For each stream of the job, in its order: one probability per frame, and its state after the last frame. */
export type SileroBatchResult = { probabilities: Float32Array; state: SileroState }[];
