/**
 * Orders jobs and hands them to runners. A queue holds ids only: the record in the JobStore is the truth about a job.
 * Files on one machine and BullMQ on many implement it.
 */
export interface JobQueue {
  /** Adds a job that waits; an id that is there already changes nothing. Rejects with AppError 503 when the queue is away. */
  add(id: string, options: { owner: string }): Promise<void>;
  /** The place of a waiting job, 0 for the next one; null when it does not wait or when the place is unknown. */
  get(id: string): Promise<{ position: number | null } | null>;
  /** Ids of waiting jobs, the next one first. */
  list(limit: number): Promise<string[]>;
  /** Aborts the handler of a running job, on whichever machine, with a JobCancelled; a waiting job leaves the queue. */
  cancel(id: string): Promise<void>;
  /** Forgets the job; a running handler is aborted as by `cancel`. */
  remove(id: string): Promise<void>;
  /** Runs waiting jobs, `concurrency` at a time, until `close`. May be called once. */
  work(handler: JobHandler, concurrency: number): void;
  counts(): Promise<JobCounts>;
  /** Takes no more jobs and aborts running handlers with a JobHandover: their jobs wait again, for the next runner. */
  close(): Promise<void>;
}

/**
 * Runs one job to a final state of its record. It may be called again for the same job after a crash, so it goes on from
 * the job's checkpoints. Rejecting with the signal's JobHandover gives the job back; any other rejection is a bug.
 */
export type JobHandler = (id: string, run: { signal: AbortSignal }) => Promise<void>;

export interface JobCounts {
  waiting: number;
  running: number;
  /** Age of the job that waits longest; null when none waits. */
  oldestWaitMs: number | null;
}
