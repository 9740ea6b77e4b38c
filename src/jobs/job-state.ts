import type { JobStore } from './job-store.js';

/** The backlog, for metrics. */
export interface JobBacklog {
  waiting: number;
  running: number;
  /** Age of the job that waits longest; 0 when none waits. */
  oldestWaitSeconds: number;
  /** Seconds of recordings that are not transcribed yet, as far as their length is known. */
  audioSeconds: number;
}

/** `now` is in milliseconds since 1970. */
export async function jobBacklog(store: JobStore, now: number): Promise<JobBacklog> {
  const backlog = { waiting: 0, running: 0, oldestWaitSeconds: 0, audioSeconds: 0 };
  for await (const { status, created_at: createdAt, progress, input } of store.all()) {
    if (status === 'queued') {
      backlog.waiting += 1;
      backlog.oldestWaitSeconds = Math.max(backlog.oldestWaitSeconds, now / 1_000 - createdAt);
    } else if (status === 'in_progress' || status === 'cancelling') backlog.running += 1;
    else continue;
    backlog.audioSeconds += (input.duration ?? 0) * (1 - progress / 100);
  }
  return backlog;
}
