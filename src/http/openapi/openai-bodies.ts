import { z } from 'zod';

/** What OpenAI's calls answer in JSON. */

const seconds = z.number().min(0);
const tokens = z.int().min(0);

const durationUsage = z.object({ type: z.literal('duration'), seconds });
const tokenUsage = z.object({
  type: z.literal('tokens'),
  input_tokens: tokens,
  output_tokens: tokens,
  total_tokens: tokens,
  input_token_details: z.object({ audio_tokens: tokens, text_tokens: tokens }),
});
const usage = z.union([durationUsage, tokenUsage]);
const dropped = z
  .array(z.object({ start: seconds, end: seconds, text: z.string(), reason: z.string() }))
  .optional()
  .describe('Text that was heard where nobody spoke.');
const logprob = z.object({ token: z.string(), bytes: z.array(z.int()), logprob: z.number() });

const plainTranscription = z.object({
  text: z.string(),
  logprobs: z.array(logprob).optional(),
  usage,
  dropped,
});

const segment = z.object({
  id: z.int(),
  seek: z.number(),
  start: seconds,
  end: seconds,
  text: z.string(),
  tokens: z.array(z.int()),
  temperature: z.number(),
  avg_logprob: z.number(),
  compression_ratio: z.number(),
  no_speech_prob: z.number(),
});

const verboseTranscription = z.object({
  task: z.literal('transcribe'),
  language: z.string(),
  duration: seconds,
  text: z.string(),
  segments: z.array(segment).optional(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds })).optional(),
  usage: durationUsage,
  dropped,
});

export const transcription = z.union([plainTranscription, verboseTranscription]);

export const chatCompletion = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(z.looseObject({ index: z.int() })),
});
