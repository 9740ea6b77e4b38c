/**
 * The child's side of an engine: it runs in an inference process, owns its ONNX sessions and handles one job at a time.
 * Jobs, chunks and results are structured-cloned, so typed arrays need no conversion.
 */
export interface WorkerEngine<Job = unknown, Chunk = unknown, Result = unknown> {
  run(job: Job, context: JobContext<Chunk>): Promise<Result>;
  /** Releases every session. */
  close(): Promise<void>;
}

export interface JobContext<Chunk = unknown> {
  /** Aborts when the caller has left. Check it between two steps; a running step cannot be stopped. */
  readonly signal: AbortSignal;
  /** Sends a part of a streamed result; waits while the parent has too many unread ones. */
  emit(chunk: Chunk): Promise<void>;
}

/**
 * Loads models from disk, warms them up (one tiny run per graph) and returns the engine. Throws an error that names the
 * file when a file is broken.
 */
export type LoadWorkerEngine<Options, Engine extends WorkerEngine<never>> = (
  options: Options,
) => Promise<Engine>;
