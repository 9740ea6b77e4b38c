import type { JobStore } from './job-store.js';
import { dueAt } from './webhooks/webhook-outbox.js';

/** The backlog, for metrics. */
export interface JobBacklog {
  waiting: number;
  running: number;
  /** Age of the job that waits longest; 0 when none waits. */
  oldestWaitSeconds: number;
  /** Seconds of recordings that are not transcribed yet, as far as their length is known. */
  audioSeconds: number;
  /** Events of ended jobs that are not delivered yet. */
  webhooksWaiting: number;
}

/** `now` is in milliseconds since 1970. */
export async function jobBacklog(store: JobStore, now: number): Promise<JobBacklog> {
  const backlog = { waiting: 0, running: 0, oldestWaitSeconds: 0, audioSeconds: 0, webhooksWaiting: 0 };
  for await (const job of store.all()) {
    const { status, created_at: createdAt, progress, input } = job;
    if (dueAt(job) !== null) backlog.webhooksWaiting += 1;
    if (status === 'queued') {
      backlog.waiting += 1;
      backlog.oldestWaitSeconds = Math.max(backlog.oldestWaitSeconds, now / 1_000 - createdAt);
    } else if (status === 'in_progress' || status === 'cancelling') backlog.running += 1;
    else continue;
    backlog.audioSeconds += (input.duration ?? 0) * (1 - progress / 100);
  }
  return backlog;
}
