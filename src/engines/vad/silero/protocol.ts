/** What the child needs to load the detector. */
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
