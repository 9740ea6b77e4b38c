import type { RequestHandler } from 'express';
import { hasEnded } from '../../jobs/job.js';
import type { Jobs } from '../../jobs/jobs.js';
import { callerOf } from '../middleware/authenticate.js';
import { parseForm } from '../request/fields.js';
import { requestSignal } from '../request/request-signal.js';
import { openEventStream } from '../response/sse.js';
import { listPage } from '../voices/list-page.js';
import { idInPath } from '../voices/voice-fields.js';
import { viewOf } from './create-job.js';
import { jobListFields } from './job-fields.js';

export interface ReadJobsParts {
  /** Throws AppError 503 while jobs cannot be read. */
  jobs: () => Jobs;
}

/** GET /v1/jobs: the caller's jobs, the newest first. */
export function listJobs({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const { status, ...page } = parseForm(jobListFields, request.query);
    const service = jobs();
    const { data, ...about } = listPage(await service.list(callerOf(response), status), page);
    response.json({ ...about, data: await Promise.all(data.map((job) => viewOf(service, job))) });
  };
}

/** GET /v1/jobs/{id}. */
export function getJob({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const service = jobs();
    response.json(await viewOf(service, await service.get(callerOf(response), idInPath(request))));
  };
}

/** POST /v1/jobs/{id}/cancel: a job that has ended stays as it is. */
export function cancelJob({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const service = jobs();
    response.json(await viewOf(service, await service.cancel(callerOf(response), idInPath(request))));
  };
}

/** DELETE /v1/jobs/{id}: stops the job and erases its recording, its result and its record. */
export function deleteJob({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const id = idInPath(request);
    await jobs().remove(callerOf(response), id);
    response.json({ id, object: 'job', deleted: true });
  };
}

/**
 * GET /v1/jobs/{id}/events: the whole job with every change, until it has ended. Each event is complete, so a client that
 * comes back misses nothing. 204 tells an EventSource that has seen the end not to come back.
 */
export function jobEvents({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const service = jobs();
    const owner = callerOf(response);
    const id = idInPath(request);
    const present = await service.get(owner, id);
    if (hasEnded(present) && request.get('last-event-id') === present.status)
      return void response.status(204).end();
    const signal = requestSignal(request, response);
    const send = openEventStream(response, signal);
    for await (const job of service.changes(owner, id, signal))
      await send(hasEnded(job) ? `job.${job.status}` : 'job.updated', await viewOf(service, job), job.status);
    response.end();
  };
}
