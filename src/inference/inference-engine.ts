import { unavailable, type AppError } from '../lib/errors.js';
import type { Priority } from '../lib/priority.js';

export interface JobOptions {
  signal: AbortSignal;
  /** The length of the job's audio in seconds, if known. The deadline of the job grows with it. */
  seconds?: number;
  /** Priority in the queue; `interactive` when absent. A waiting job is replaced by aborting it. */
  priority?: Priority;
}

/**
 * The parent's handle of one engine in a supervised child process, which engine clients use. Every call waits behind the
 * engine's other calls (429 when the queue is full), loads the engine when necessary, and rejects with AppError 503 when
 * the process dies or the job exceeds its deadline.
 */
export interface InferenceEngine {
  run<Job, Result>(job: Job, options: JobOptions): Promise<Result>;
  /** Chunks as the child emits them. Leaving the loop cancels the job. */
  stream<Job, Chunk>(job: Job, options: JobOptions): AsyncIterable<Chunk>;
  /** Starts the process and loads the engine ahead of its first job. */
  load(): Promise<void>;
  state(): EngineState;
}

export interface EngineState {
  /** `off`: not loaded, starts with the next job. `broken`: the breaker is open; `retryAfterMs` says until when. */
  status: 'off' | 'loading' | 'ready' | 'busy' | 'restarting' | 'broken';
  queued: number;
  error?: string;
  /** Why no job is accepted now (for example, the model is being fetched), as a sentence for the caller. */
  unavailable?: string;
  retryAfterMs?: number;
}

const RETRY_AFTER_MS = 5_000;

/**
 * The error for callers of an engine that accepts no jobs now, otherwise null. `name` is the engine's name for callers.
 */
export function engineUnavailable(name: string, state: EngineState): AppError | null {
  const { status, error, retryAfterMs = RETRY_AFTER_MS } = state;
  if (status !== 'broken')
    return state.unavailable === undefined ? null : unavailable(state.unavailable, retryAfterMs);
  const why = error === undefined ? 'has failed repeatedly' : `cannot be used (${error.replace(/\.$/, '')})`;
  return unavailable(`The voice engine ${name} ${why} and is waiting before it starts again.`, retryAfterMs);
}
