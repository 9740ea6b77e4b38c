import { z } from 'zod';
import { audioFormatField } from '../request/field-types.js';

/** What the assistant's calls answer in JSON; the tests hold real answers against it. */

const milliseconds = z.number().min(0);
const seconds = z.number().min(0);
export const warnings = z
  .array(z.string())
  .describe('What was guessed, dropped, shortened or spoken by a stand-in.');

export const timings = z
  .object({
    decode_ms: milliseconds,
    transcribe_ms: milliseconds,
    first_token_ms: milliseconds,
    reply_ms: milliseconds,
    first_audio_ms: milliseconds,
    speak_ms: milliseconds,
    total_ms: milliseconds,
  })
  .partial();

const segment = z.object({ start: seconds, end: seconds, text: z.string() });

export const transcript = z.object({
  text: z.string(),
  search: z.string().describe('The text with its letters unified for searching.'),
  language: z.string(),
  duration: seconds,
  segments: z.array(segment).optional(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds })).optional(),
  dropped: z
    .array(segment.extend({ reason: z.string() }))
    .optional()
    .describe('Text that was heard where nobody spoke.'),
  warnings,
  timings,
});

export const reply = z.object({
  reply: z.string(),
  conversation: z.string(),
  model: z.string(),
  understood: z.string().optional().describe('A message typed in Franco, in Arabic script.'),
  usage: z.object({ input_tokens: z.int(), output_tokens: z.int() }).optional(),
  warnings,
  timings,
});

export const voiceChat = z.object({
  transcript: z.string(),
  reply: z.string(),
  audio: z.string().describe('base64'),
  format: audioFormatField,
  conversation: z.string(),
  model: z.string(),
  warnings,
  timings,
});

export const health = z.object({ status: z.literal('ok'), version: z.string(), uptime: seconds });

export const readiness = z
  .object({ status: z.enum(['ready', 'not ready']) })
  .catchall(z.unknown())
  .describe('Every model with its progress, every engine with its state.');
