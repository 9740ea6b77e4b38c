import { overloaded } from '../lib/errors.js';
import type { JobStore } from './job-store.js';
import { diskFull } from './storage-failure.js';

/** What the jobs of one owner may take together. */
export interface JobQuotas {
  unfinishedJobs: number;
  bytes: number;
  audioSeconds: number;
}

/** Kept free for what the service itself and running jobs write. */
const RESERVED_BYTES = 256 * 2 ** 20;
const RETRY_AFTER_MS = 60_000;

/** What a job of an owner would add, and what its uploads that are no jobs yet take. Bytes. */
export interface Demand {
  owner: string;
  /** Null when unknown: the limits then count as they are before the job. */
  bytes: number | null;
  reserved: number;
}

/**
 * Rejects with AppError when a job with an upload of this size cannot be taken: 429 over a quota of its owner, 507 when the
 * disk has no room.
 */
export async function checkRoom(
  store: JobStore,
  quotas: JobQuotas,
  { owner, bytes, reserved }: Demand,
): Promise<void> {
  const used = await store.usage(owner);
  if (used.unfinishedJobs >= quotas.unfinishedJobs)
    throw overQuota(
      `You have ${used.unfinishedJobs} unfinished jobs, as many as you may have. Wait until one has ended.`,
    );
  if (used.bytes + reserved + (bytes ?? 0) > quotas.bytes)
    throw overQuota(
      `Your jobs and uploads may store ${megabytes(quotas.bytes)} together. Delete some that you no longer need.`,
    );
  if (used.audioSeconds >= quotas.audioSeconds)
    throw overQuota(
      `Your jobs hold ${Math.floor(used.audioSeconds / 3_600)} hours of recordings, as many as you may have. Delete jobs that you no longer need.`,
    );
  const free = await store.freeBytes();
  if (free !== null && free < (bytes ?? 0) + RESERVED_BYTES) throw diskFull();
}

function overQuota(message: string): Error {
  return overloaded(message, RETRY_AFTER_MS, { code: 'job_quota_exceeded' });
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
