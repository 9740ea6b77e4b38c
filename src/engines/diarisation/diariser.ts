import type { AppError } from '../../lib/errors.js';
import type { Priority } from '../../lib/priority.js';

/** A time in which one person speaks. Turns of two people may overlap. */
export interface SpeakerTurn {
  /** Seconds from the start of the recording. */
  start: number;
  end: number;
  /** The person: 0 for the one who is heard first, 1 for the next new voice, and so on. */
  speaker: number;
}

/** A recording of which parts are read, so that hours of it need not be in memory: 16 kHz mono in [-1, 1]. */
export interface SampleSource {
  /** Samples of the whole recording. */
  readonly length: number;
  /** A copy of the samples from `start` up to, but not including, `end`. Both lie inside the recording. */
  read(start: number, end: number): Promise<Float32Array>;
}

export interface DiariseOptions {
  /** How many people speak, 1 to `MOST_SPEAKERS`; the engine counts them when absent. */
  speakers?: number;
  /** Voices to look for: a recording of one person each, 16 kHz mono, at least `SHORTEST_REFERENCE_SECONDS` long. */
  references?: readonly Float32Array[];
  /** The call's place in the engine's queue; `interactive` when absent. */
  priority?: Priority;
}

export interface Diarisation {
  /** In the order of their starts. */
  turns: SpeakerTurn[];
  /** For each speaker of `turns`, the index of the reference with the same voice; null where there is none. */
  identities: (number | null)[];
}

export type DiariseEvent =
  /** So many seconds of the recording are heard; never falls. */
  | { type: 'progress'; seconds: number }
  /** Always the last event. */
  | { type: 'done'; diarisation: Diarisation };

/** Finds out who speaks when, without the words. */
export interface Diariser {
  readonly id: string;
  /** Why no recording can be taken now; null when one can. The first question may start to fetch the models. */
  unavailable(): AppError | null;
  /**
   * Nothing happens before the first event is read. Throws AppError 503 when the models are not here or the process
   * fails. Aborting stops between two model runs and rejects with the signal's reason; leaving the loop stops, too.
   */
  diarise(audio: SampleSource, options: DiariseOptions, signal: AbortSignal): AsyncIterable<DiariseEvent>;
}

/** The rate of every `SampleSource`, in Hz. */
export const DIARISATION_SAMPLE_RATE = 16_000;
/** More people in one recording are not told apart reliably. */
export const MOST_SPEAKERS = 20;
/** OpenAI's limits for recordings of known speakers. */
export const SHORTEST_REFERENCE_SECONDS = 2;
export const LONGEST_REFERENCE_SECONDS = 10;
export const MOST_REFERENCES = 4;
