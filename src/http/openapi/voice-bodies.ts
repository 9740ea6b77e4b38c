import { z } from 'zod';
import { warnings } from './bodies.js';

/** What the calls about voices answer. */

const unixSeconds = z.int().describe('Unix seconds.');

const builtIn = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('built_in'),
  engines: z.array(z.string()),
});

const clonedVoice = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('cloned'),
  created_at: unixSeconds,
  quality: z.object({
    speech_seconds: z.number(),
    snr_db: z.number(),
    clipping_percent: z.number(),
    loudness_db: z.number(),
  }),
  consent: z.object({ by: z.string().optional(), text: z.string().optional(), at: unixSeconds }),
});

export const newVoice = clonedVoice.extend({ warnings });
export const voice = z.union([builtIn, clonedVoice]);
export const renamedVoice = clonedVoice;
export const voiceList = z.object({ object: z.literal('list'), data: z.array(voice) });
export const deletedVoice = z.object({ id: z.string(), deleted: z.literal(true) });

export const openAiVoice = z.object({
  object: z.literal('audio.voice'),
  id: z.string(),
  name: z.string(),
  created_at: unixSeconds,
  type: z.string(),
});
export const deletedOpenAiVoice = z.object({
  object: z.literal('audio.voice.deleted'),
  id: z.string(),
  deleted: z.literal(true),
});

export const consent = z.object({
  object: z.literal('audio.voice_consent'),
  id: z.string(),
  name: z.string(),
  language: z.string(),
  created_at: unixSeconds,
});
export const deletedConsent = z.object({
  object: z.literal('audio.voice_consent'),
  id: z.string(),
  deleted: z.literal(true),
});

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });
}
