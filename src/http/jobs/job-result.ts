import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import type { RequestHandler, Response } from 'express';
import { subtitleCues } from '../../assistant/subtitle-cues.js';
import { subRip, webVtt } from '../../assistant/subtitles.js';
import { CONTENT_TYPES } from '../../audio/output-format.js';
import { resultFormats, type JobRecord, type ResultFormat } from '../../jobs/job.js';
import type { StoredFile } from '../../jobs/job-store.js';
import type { TranscriptResult } from '../../jobs/transcription/join-windows.js';
import { invalidRequest } from '../../lib/errors.js';
import { callerOf } from '../middleware/authenticate.js';
import { plainBody, verboseBody } from '../openai/transcription-body.js';
import { parseForm } from '../request/fields.js';
import { requestSignal } from '../request/request-signal.js';
import { idInPath } from '../voices/voice-fields.js';
import { resultFields } from './job-fields.js';
import type { ReadJobsParts } from './read-jobs.js';

/** GET /v1/jobs/{id}/result. */
export function jobResult({ jobs }: ReadJobsParts): RequestHandler {
  return async (request, response) => {
    const { response_format: asked } = parseForm(resultFields, request.query);
    const { job, file } = await jobs().result(callerOf(response), idInPath(request));
    const format = formatOf(job, asked);
    if (format === 'audio') return sendFile(response, job, file, requestSignal(request, response));
    const result = JSON.parse(await text(file.stream())) as TranscriptResult;
    sendTranscript(response, result, format);
  };
}

function formatOf(job: JobRecord, asked: ResultFormat | undefined): ResultFormat {
  const formats = resultFormats(job);
  const format = asked ?? formats[0] ?? 'json';
  if (formats.includes(format)) return format;
  throw invalidRequest(`The result of this job can be had as ${formats.join(', ')}.`, {
    code: 'invalid_value',
    param: 'response_format',
  });
}

async function sendFile(
  response: Response,
  job: JobRecord,
  file: StoredFile,
  signal: AbortSignal,
): Promise<void> {
  const format = job.options.format ?? 'mp3';
  response.set({
    'Content-Type': CONTENT_TYPES[format],
    'Content-Length': String(file.bytes),
    'Content-Disposition': `attachment; filename="${job.id}.${format}"`,
  });
  await pipeline(file.stream(), response, { signal });
}

function sendTranscript(
  response: Response,
  { transcript, search }: TranscriptResult,
  format: Exclude<ResultFormat, 'audio'>,
): void {
  const { language, duration, warnings, words, text: spoken } = transcript;
  switch (format) {
    case 'json':
      return void response.json({
        ...plainBody(transcript, { tokens: false, logprobs: false }),
        ...{ search, language, duration, warnings },
      });
    case 'verbose_json':
      return void response.json({
        ...verboseBody(transcript, words ? ['segment', 'word'] : ['segment']),
        ...{ search, warnings },
      });
    case 'text':
      return void response.type('text/plain').send(`${spoken}\n`);
    case 'srt':
      return void response
        .type('application/x-subrip; charset=utf-8')
        .send(subRip(subtitleCues(transcript.segments, transcript.words)));
    case 'vtt':
      return void response.type('text/vtt').send(webVtt(subtitleCues(transcript.segments, transcript.words)));
  }
}
