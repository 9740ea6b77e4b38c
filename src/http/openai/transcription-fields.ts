import { z } from 'zod';
import { languageOf } from '../../lib/language.js';
import { LANGUAGE_CODE } from '../request/fields.js';
import { rule } from './parse-request.js';

/** Form fields are strings: one of a list comes alone, and a list's name may end in brackets or not. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item)).optional();
}

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

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

const switched = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
  z.boolean(),
);
const degree = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
  z.number().min(0).max(1),
);
const chunkingStrategy = z.preprocess(
  fromJson,
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
  language: z.preprocess((value) => (value === '' ? undefined : value), language.optional()),
  languages: listOf(language),
  prompt: z.string().optional(),
  keywords: listOf(z.string()),
  response_format: z
    .enum(['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'])
    .refine((format) => format !== 'diarized_json', NO_SPEAKERS)
    .default('json'),
  timestamp_granularities: listOf(z.enum(['word', 'segment'])),
  temperature: degree.optional(),
  include: listOf(z.enum(['logprobs'])),
  stream: switched.optional(),
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

/** `include[]` in a query keeps its brackets, which the form parser takes off. */
export function withoutBrackets(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace(/\[\]$/, ''), value]),
  );
}
