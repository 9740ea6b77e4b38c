import { z } from 'zod';

/** The consent to the cloning of a voice. */
const consent = z.object({
  /** The person who consents, or the name of the consent recording. */
  by: z.string(),
  text: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
  /** The id of the consent recording. */
  recording: z.object({ id: z.string(), language: z.string() }).optional(),
});

const quality = z.object({
  speechSeconds: z.number(),
  snrDb: z.number(),
  clippingPercent: z.number(),
  loudnessDb: z.number(),
});

export const voiceRecord = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  consent,
  quality,
});

export type VoiceRecord = z.infer<typeof voiceRecord>;
export type VoiceConsent = z.infer<typeof consent>;

export const consentRecord = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number(),
  /** BCP 47. */
  language: z.string(),
});

export type ConsentRecord = z.infer<typeof consentRecord>;
