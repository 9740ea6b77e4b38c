import type { RequestHandler } from 'express';
import { z } from 'zod';
import { transcriptOf, type Transcribe } from '../../assistant/transcribe.js';
import type { Transcript } from '../../engines/stt/speech-to-text.js';
import { languageField } from '../request/field-types.js';
import { parseForm } from '../request/fields.js';
import { contextOf, uploadOf } from '../request/request-context.js';
import { requestSignal } from '../request/request-signal.js';
import { roundTimings } from '../response/timings.js';

export const transcribeFields = z.object({
  language: languageField.optional(),
  prompt: z.string().max(4_000).optional(),
  timestamps: z.enum(['none', 'segment', 'word']).default('none'),
});

/** POST /v1/transcribe: a recording in, its text out. */
export function transcribeRoute(transcribe: Transcribe): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now();
    const upload = uploadOf(response);
    const { language, prompt, timestamps } = parseForm(transcribeFields, upload.fields);
    const call = {
      path: upload.path,
      timestamps,
      ...(language && { language }),
      ...(prompt !== undefined && { prompt }),
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
