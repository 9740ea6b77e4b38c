import { randomInt } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Speak } from '../../assistant/speak.js';
import type { AudioEncoder } from '../../audio/encode.js';
import { jobView, type JobRecord, type NewJob } from '../../jobs/job.js';
import type { NewInput } from '../../jobs/job-store.js';
import type { Jobs } from '../../jobs/jobs.js';
import { invalidRequest } from '../../lib/errors.js';
import { callerOf } from '../middleware/authenticate.js';
import { fingerprintOf, idempotencyKeyOf } from '../middleware/idempotency.js';
import { parseForm, parseJson } from '../request/fields.js';
import { uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { jobForm, jobRequest, optionsOf, type JobRequest } from './job-fields.js';

/** A finished upload that a job takes over. */
export interface TakenUpload {
  /** A file that may be moved. */
  path: string;
  bytes: number;
  filename: string | null;
  mediaType: string | null;
  /** Removes what is left of the upload, once the job is durable. */
  remove(): Promise<void>;
  /** Gives the upload back when no job was created. */
  giveBack(): Promise<void>;
}

export interface CreateJobParts {
  /** Throws AppError 503 while jobs cannot be taken. */
  jobs: () => Jobs;
  /** Checks a voice and the settings of speech before the job is taken. */
  speak: Pick<Speak, 'check'>;
  encoder: Pick<AudioEncoder, 'checkFormat'>;
  /** Takes a finished upload of this owner; AppError 404 or 400 for another one. Null where uploads are not offered. */
  takeUpload: ((owner: string, id: string) => Promise<TakenUpload>) | null;
  /** Rejects with AppError 400 for an address that must not be fetched. Null where sources are not offered. */
  checkSource: ((url: string) => Promise<void>) | null;
}

/** Largest seed that every engine takes. */
const SEEDS = 2 ** 31 - 1;

/** POST /v1/jobs with a recording: it has been written to the disk of the jobs, and is moved. */
export function createJobFromFile({ jobs }: CreateJobParts): RequestHandler {
  return async (request, response) => {
    const { path, filename, mediaType, fields } = uploadOf(response);
    const form = parseForm(jobForm, fields);
    const { size } = await stat(path);
    if (size === 0) throw invalidRequest('The recording is empty.', { code: 'empty_audio', param: 'file' });
    const input = { source: 'file' as const, filename, bytes: size, duration: null, media_type: mediaType };
    const job = {
      type: 'transcription' as const,
      input,
      options: optionsOf(form),
      metadata: form.metadata ?? {},
    };
    await answer(jobs(), request, response, job, { path });
  };
}

/** POST /v1/jobs with a JSON body: a text, a finished upload or an address. */
export function createJobFromJson(parts: CreateJobParts): RequestHandler {
  return async (request, response) => {
    const fields = parseJson(jobRequest, request);
    refuseMixture(fields);
    if (fields.type === 'speech') return createSpeech(parts, fields, request, response);
    if (fields.upload !== undefined) return createFromUpload(parts, fields, request, response);
    await createFromSource(parts, fields, request, response);
  };
}

async function createSpeech(
  parts: CreateJobParts,
  { input: text = '', metadata = {}, ...fields }: JobRequest,
  request: Request,
  response: Response,
): Promise<void> {
  if (!/[\p{L}\p{N}]/u.test(text))
    throw invalidRequest('"input" has no letter or digit to speak.', {
      code: 'nothing_to_say',
      param: 'input',
    });
  const { voice, speed } = fields;
  await parts.speak.check({ ...(voice !== undefined && { voice }), ...(speed !== undefined && { speed }) });
  await parts.encoder.checkFormat(fields.format ?? 'mp3');
  const input = {
    source: 'text' as const,
    filename: null,
    bytes: Buffer.byteLength(text),
    duration: null,
    media_type: 'text/plain',
  };
  // The seed belongs to the job, so that a later attempt speaks as the first one did.
  const options = { seed: randomInt(SEEDS), ...optionsOf({ ...fields, metadata }) };
  await answer(parts.jobs(), request, response, { type: 'speech', input, options, metadata }, { text });
}

async function createFromUpload(
  { jobs, takeUpload }: CreateJobParts,
  fields: JobRequest,
  request: Request,
  response: Response,
): Promise<void> {
  if (!takeUpload) throw unsupported('upload');
  const upload = await takeUpload(callerOf(response), fields.upload ?? '');
  const { bytes, filename, mediaType: media_type, path } = upload;
  const input = { source: 'upload' as const, filename, bytes, duration: null, media_type };
  const job = {
    type: 'transcription' as const,
    input,
    options: optionsOf(fields),
    metadata: fields.metadata ?? {},
  };
  let created = false;
  try {
    created = await answer(jobs(), request, response, job, { path });
  } finally {
    await (created ? upload.remove() : upload.giveBack());
  }
}

async function createFromSource(
  { jobs, checkSource }: CreateJobParts,
  { source_url: sourceUrl, metadata = {}, ...fields }: JobRequest,
  request: Request,
  response: Response,
): Promise<void> {
  if (sourceUrl === undefined)
    throw invalidRequest(
      'A transcription needs a recording: send "upload", "source_url", or the file itself.',
      {
        code: 'missing_field',
        param: 'upload',
      },
    );
  if (!checkSource) throw unsupported('source_url');
  await checkSource(sourceUrl);
  const input = { source: 'source_url' as const, filename: null, bytes: 0, duration: null, media_type: null };
  const options = optionsOf({ ...fields, metadata });
  await answer(
    jobs(),
    request,
    response,
    { type: 'transcription', input, options, metadata, sourceUrl },
    null,
  );
}

/** Takes the job and answers 202; resolves to whether it is a new one. */
async function answer(
  jobs: Jobs,
  request: Request,
  response: Response,
  job: Omit<NewJob, 'owner' | 'idempotency'>,
  input: NewInput | null,
): Promise<boolean> {
  const key = idempotencyKeyOf(request);
  const signal = requestSignal(request, response);
  const idempotency =
    key === null ? null : { key, fingerprint: await fingerprintOf(request, response, signal) };
  const taken = await jobs.create({ ...job, owner: callerOf(response), idempotency }, input);
  if (!taken.created) response.set('Idempotent-Replayed', 'true');
  response
    .status(202)
    .location(`/v1/jobs/${taken.job.id}`)
    .json(await viewOf(jobs, taken.job));
  return taken.created;
}

/** What the caller sees of a job, with its place in the queue. */
export async function viewOf(jobs: Jobs, job: JobRecord) {
  return jobView(job, job.status === 'queued' ? await jobs.position(job.id) : null);
}

/** A field of the other type would be ignored silently. */
function refuseMixture({ type, input, upload, source_url, ...fields }: JobRequest): void {
  const foreign =
    type === 'speech'
      ? {
          upload,
          source_url,
          language: fields.language,
          prompt: fields.prompt,
          timestamps: fields.timestamps,
        }
      : { input, voice: fields.voice, format: fields.format, speed: fields.speed, seed: fields.seed };
  const param = Object.entries(foreign).find(([, value]) => value !== undefined)?.[0];
  if (param !== undefined)
    throw invalidRequest(`"${param}" is not a field of a job of type "${type}".`, {
      code: 'invalid_value',
      param,
    });
  if (upload !== undefined && source_url !== undefined)
    throw invalidRequest('Send "upload" or "source_url", not both.', {
      code: 'invalid_value',
      param: 'source_url',
    });
}

function unsupported(param: string): Error {
  return invalidRequest(`This service takes no jobs with "${param}".`, { code: 'unsupported_value', param });
}
