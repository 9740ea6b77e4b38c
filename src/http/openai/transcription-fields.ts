import { z } from 'zod';
import { languageOf } from '../../lib/language.js';
import { formBoolean, formJson, formList, formNumber, LANGUAGE_CODE } from '../request/field-types.js';
import { rule } from './openai-words.js';

const language = z
  .string()
  .refine(
    (code) => LANGUAGE_CODE.test(code),
    rule(
      'language must be specified in ISO-639-1 format, such as "ar" (or "ar-EG")',
      'invalid_language_format',
    ),
  )
  .transform(languageOf);

const chunkingStrategy = formJson(
  z.union(
    [z.literal('auto'), z.looseObject({ type: z.literal('server_vad') })],
    rule('expected "auto" or {"type": "server_vad", ...}'),
  ),
);

const NO_SPEAKERS = rule('this service does not tell speakers apart', 'unsupported_value');
const noSpeakers = z
  .unknown()
  .refine((value) => value === undefined, NO_SPEAKERS)
  .optional();

/** POST /v1/audio/transcriptions. What the decoder cannot follow is accepted all the same: see docs/openai.md. */
export const transcriptionFields = z.object({
  model: z.string().min(1),
  language: language.optional(),
  languages: formList(language).optional(),
  prompt: z.string().optional(),
  keywords: formList(z.string()).optional(),
  response_format: z
    .enum(['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'])
    .refine((format) => format !== 'diarized_json', NO_SPEAKERS)
    .default('json'),
  timestamp_granularities: formList(z.enum(['word', 'segment'])).optional(),
  temperature: formNumber(z.number().min(0).max(1)).optional(),
  include: formList(z.enum(['logprobs'])).optional(),
  stream: formBoolean(z.boolean()).optional(),
  chunking_strategy: chunkingStrategy.optional(),
  known_speaker_names: noSpeakers,
  known_speaker_references: noSpeakers,
});

/** The same with what fields ask of each other. */
export const transcriptionRequest = transcriptionFields
  .refine(
    ({ timestamp_granularities: wanted, response_format: format }) => !wanted || format === 'verbose_json',
    {
      ...rule('timestamp granularities need response_format verbose_json'),
      path: ['timestamp_granularities'],
    },
  )
  .refine(({ include, response_format: format, stream }) => !include?.length || format === 'json' || stream, {
    ...rule('logprobs need response_format json, or stream'),
    path: ['include'],
  });

export type TranscriptionFields = z.infer<typeof transcriptionRequest>;
