import type { RequestHandler } from 'express';
import { z } from 'zod';
import { transcriptOf, type Transcribe } from '../../assistant/transcribe.js';
import type { Transcript } from '../../engines/stt/speech-to-text.js';
import { droppedText, jsonAnswer, seconds, timings, warnings, word } from '../openapi/common.js';
import { answerSchema, requestSchema } from '../openapi/components.js';
import type { Operation } from '../openapi/operation.js';
import { beamSizeField, languageField, promptField } from '../request/field-types.js';
import { parseForm } from '../request/fields.js';
import { contextOf, uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { roundTimings } from '../response/timings.js';

const transcribeFields = requestSchema(
  'TranscribeForm',
  z.object({
    language: languageField.optional(),
    prompt: promptField.optional(),
    beam_size: beamSizeField.optional(),
    timestamps: z
      .enum(['none', 'segment', 'word'])
      .default('none')
      .describe('`segment` adds `segments` to the answer; `word` adds `words` as well.'),
  }),
);

const transcriptAnswer = answerSchema(
  'Transcript',
  z.object({
    text: z.string(),
    search: z.string().describe('The text with variants of letters unified, for searching.'),
    language: z.string(),
    duration: seconds,
    segments: z.array(z.object({ start: seconds, end: seconds, text: z.string() })).optional(),
    words: z.array(word).optional(),
    dropped: z.array(droppedText).optional(),
    warnings,
    timings,
  }),
);

export const transcribeOperation: Operation = {
  method: 'post',
  path: '/v1/transcribe',
  id: 'transcribe',
  tag: 'Assistant',
  summary: 'Transcribe a recording.',
  body: { kind: 'multipart', fields: transcribeFields, file: 'file' },
  answers: { 200: jsonAnswer('The transcript.', transcriptAnswer) },
};

/** POST /v1/transcribe: transcribes a recording. */
export function transcribeRoute(transcribe: Transcribe): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now();
    const upload = uploadOf(response);
    const { language, prompt, timestamps, beam_size: beamSize } = parseForm(transcribeFields, upload.fields);
    const call = {
      path: upload.path,
      timestamps,
      ...(language && { language }),
      ...(prompt !== undefined && { prompt }),
      ...(beamSize !== undefined && { beamSize }),
    };
    const { transcript, search, timings } = await transcriptOf(
      transcribe(call, requestSignal(request, response)),
      contextOf(response).audioMeter,
    );
    response.json({
      ...transcriptBody(transcript, search, timestamps),
      timings: roundTimings({ ...timings, total_ms: performance.now() - startedAt }),
    });
  };
}

function transcriptBody(
  transcript: Transcript,
  search: string,
  timestamps: 'none' | 'segment' | 'word',
): Record<string, unknown> {
  const { text, language, duration, segments, words, dropped, warnings } = transcript;
  return {
    text,
    search,
    language,
    duration,
    ...(timestamps !== 'none' && {
      segments: segments.map(({ start, end, text }) => ({ start, end, text })),
    }),
    ...(timestamps === 'word' && words && { words }),
    ...(dropped.length > 0 && { dropped }),
    warnings,
  };
}
