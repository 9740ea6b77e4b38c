import type { AppError } from '../../lib/errors.js';

/** All that a voice engine that can clone needs to know of a voice: 130 KiB for XTTS v2. */
export interface VoiceLatents {
  /** The decoder's prompt, row after row. */
  conditioning: Float32Array;
  /** The vocoder's timbre, of unit length. */
  speakerEmbedding: Float32Array;
}

/** Mono, in [-1, 1]. */
export interface VoiceRecording {
  samples: Float32Array;
  sampleRate: number;
}

/** Makes latents out of recordings of one speaker. */
export interface VoiceEncoder {
  /** The error for the caller when no voice can be made now, else null. Cheap: asked before every call. */
  unavailable(): AppError | null;
  /** Names the weights: the latents of others mean nothing to them. */
  fingerprint(signal: AbortSignal): Promise<string>;
  /** Rejects with AppError: 429 when too many wait, 503 when the engine is not there. */
  latentsOf(recordings: VoiceRecording[], signal: AbortSignal): Promise<VoiceLatents>;
}
