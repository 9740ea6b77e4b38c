import type { VoiceLatents, VoiceRecording } from '../voice-latents.js';

export type { VoiceLatents } from '../voice-latents.js';

/** Messages between the parent half of XTTS and its worker half. They are structured-cloned. */

export interface XttsOptions {
  /** Directory with metadata.json, vocab.json, the graphs and embeddings/. */
  directory: string;
  /** `auto` selects the int8 decoder if the folder has one. */
  precision: 'auto' | 'int8' | 'fp32';
  device: 'cpu' | 'cuda';
  /** Threads of a session; 0 uses all cores. */
  threads: number;
  /** Language tag of the vocabulary, `ar`. */
  language: string;
}

export interface SamplingSettings {
  temperature: number;
  topK: number;
  topP: number;
  repetitionPenalty: number;
}

export interface SpeakJob {
  type: 'speak';
  text: string;
  /** A name from the folder's speakers file, or the latents of a cloned voice. */
  voice: { speaker: string } | VoiceLatents;
  sampling: SamplingSettings;
  speed: number;
  /** The same seed, text, voice and settings give the same audio. */
  seed: number;
  /** True: audio is emitted in chunks while it is made, and the result holds no audio. */
  stream: boolean;
}

export interface LatentsJob {
  type: 'latents';
  /** Mono recordings of one speaker. Only the first 30 seconds of each are used. */
  recordings: VoiceRecording[];
}

export type XttsJob = SpeakJob | LatentsJob;

export interface XttsAudio {
  samples: Float32Array;
  sampleRate: number;
  unspoken: string[];
  /** Deviations from the request, as sentences for the caller. */
  warnings: string[];
}

export type XttsResult = XttsAudio | VoiceLatents;
