import type { TranscribeOptions, Transcript, TranscriptEvent } from '../speech-to-text.js';

/** What the parent sends with every job. */
export interface WhisperJob {
  /** 16 kHz mono in [-1, 1]. */
  audio: Float32Array;
  options: TranscribeOptions;
  /** Give events while the recording is heard. */
  stream?: boolean;
}

export type WhisperChunk = TranscriptEvent;
export type WhisperResult = Transcript;

/** What the child needs to load the engine. All paths are absolute. */
export interface WhisperOptions {
  /** Where the repository's files lie: config.json, tokenizer.json, onnx/... */
  directory: string;
  /** Where graphs edited from them are kept; made when it is not there. */
  derivedDirectory: string;
  precision: 'fp32' | 'q8';
  device: 'cpu' | 'cuda';
  /** 0 takes the cores there are. */
  threads: number;
  /** The Silero voice detector's ONNX file. */
  vadModel: string;
}
