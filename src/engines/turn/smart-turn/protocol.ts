/** What the child needs to load the model. */
export interface SmartTurnOptions {
  /** The ONNX file; the path is absolute. */
  model: string;
}

export interface SmartTurnJob {
  /** The end of the turn with its trailing silence: 16 kHz mono in [-1, 1], at most `LONGEST_SAMPLES`. */
  samples: Float32Array;
}

/** Probability (0 to 1) that the turn is complete. */
export type SmartTurnResult = number;

/** 8 s at 16 kHz: the model sees no more. */
export const LONGEST_SAMPLES = 128_000;
