/** Messages between the parent half of MMS-TTS and its worker half. They are structured-cloned. */

export interface MmsOptions {
  /** Directory with the model's files under their repository paths. */
  directory: string;
  /** Selects the graph: onnx/model.onnx or onnx/model_quantized.onnx. */
  variant: 'fp32' | 'q8';
  /** Threads of the session; 0 leaves it to ONNX Runtime. */
  threads: number;
}

export interface MmsJob {
  text: string;
}

export interface MmsSpeech {
  /** Empty when no letter or digit of the text has a sound. */
  samples: Float32Array;
  sampleRate: number;
  /** Letters, digits and signs that the voice cannot speak. */
  unspoken: string[];
}
