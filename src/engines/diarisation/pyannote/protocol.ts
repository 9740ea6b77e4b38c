import type { Diarisation } from '../diariser.js';

/** What the child needs to load the models. Both are ONNX files; the paths are absolute. */
export interface PyannoteOptions {
  /** pyannote's segmentation-3.0. */
  segmentation: string;
  /** CAM++, or another model that turns 80 mel bands into an embedding. */
  embedding: string;
}

/**
 * One piece of work. A recording is heard in parts, so that calls of other people get their turn between two parts, and so
 * that no process holds the whole recording.
 */
export type PyannoteJob =
  /** Hears consecutive windows; the first begins with the first sample. Gives one HeardWindow for each. */
  | { type: 'hear'; samples: Float32Array; windows: number }
  /** Listens to a recording of one person. Gives an embedding; null where nobody speaks in it. */
  | { type: 'voice'; samples: Float32Array }
  /** Joins the windows of the whole recording. Gives a Diarisation. */
  | {
      type: 'join';
      windows: HeardWindow[];
      /** Samples of the recording. */
      length: number;
      speakers: number | undefined;
      /** Embeddings of known people. */
      references: (Float32Array | null)[];
    };

export type PyannoteResult = HeardWindow[] | Float32Array | Diarisation | null;

/** What the models say about one window of `WINDOW_SAMPLES`. */
export interface HeardWindow {
  /** One byte per frame: bit n is set while local speaker n (0 to 2) speaks. Local speakers of two windows are unrelated. */
  active: Uint8Array;
  /** Local speakers who are heard alone for long enough to compare their voices. */
  voices: LocalVoice[];
}

export interface LocalVoice {
  /** The bit in `active`. */
  local: number;
  /** How long this person is heard alone in the window. */
  seconds: number;
  /** Of length 1. */
  embedding: Float32Array;
}

/** 10 s at 16 kHz: what the segmentation model was trained on. */
export const WINDOW_SAMPLES = 160_000;
/** Between the starts of two windows. */
export const HOP_SAMPLES = 40_000;
/** Windows of one job; about 20 s of the recording. */
export const WINDOWS_PER_PART = 8;

/** How many windows cover a recording. The last one may reach beyond its end, where it is silent. */
export function windowsOf(samples: number): number {
  if (samples === 0) return 0;
  return 1 + Math.ceil(Math.max(0, samples - WINDOW_SAMPLES) / HOP_SAMPLES);
}
