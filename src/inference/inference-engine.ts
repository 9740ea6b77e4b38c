import type { Priority } from '../lib/priority.js';

export interface JobOptions {
  signal: AbortSignal;
  /** The length of the job's audio in seconds, where it is known; its deadline grows with it. */
  seconds?: number;
  /** Its place in the queue; `interactive` when absent. A waiting job is replaced by aborting it. */
  priority?: Priority;
}

/**
 * The parent-side handle of one engine in a supervised child process: what engine clients are built on.
 * Every call queues behind the engine's other calls (429 when the queue is full), loads the engine when it is not
 * there, and rejects with AppError 503 when the process dies or a job outlives its deadline.
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
  /** Why no job can be taken now (a model on its way), as a sentence for the caller. */
  unavailable?: string;
  retryAfterMs?: number;
}
