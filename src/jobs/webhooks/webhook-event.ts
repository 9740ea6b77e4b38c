import { randomBytes } from 'node:crypto';
import type { JobRecord } from '../job.js';

/** The fields of a new job whose end is told to this URL. */
export function newWebhook(url: URL): Pick<JobRecord, 'webhook' | 'webhookDelivery'> {
  const eventId = `evt_${randomBytes(16).toString('hex')}`;
  return {
    // The query may hold a secret of the receiver.
    webhook: { url: `${url.origin}${url.pathname}`, status: 'pending', attempts: 0, last_status: null },
    webhookDelivery: { url: url.href, eventId, nextAttemptAt: 0 },
  };
}

/**
 * The body of the event that tells how a job ended. It depends on the record alone, so every attempt sends the same. Null
 * before the end. A job that has expired since still ended in the way that the event says.
 */
export function eventBody(job: JobRecord, eventId: string): string | null {
  const ends = [
    ['completed', job.completed_at],
    ['failed', job.failed_at],
    ['cancelled', job.cancelled_at],
  ] as const;
  const [name, endedAt] = ends.find(([, at]) => at !== null) ?? ['', null];
  if (endedAt === null) return null;
  return JSON.stringify({
    id: eventId,
    object: 'event',
    created_at: endedAt,
    type: `${job.type}.${name}`,
    data: { id: job.id },
  });
}
