import type { z } from 'zod';
import type { SamplingOptions } from '../engines/tts/text-to-speech.js';

/** How a voice engine draws its speech, as callers name it; `number` is what the body holds. The ranges are the engine's to check. */
export const samplingFields = (number: z.ZodType<number>) => ({
  temperature: number.optional(),
  top_k: number.optional(),
  top_p: number.optional(),
  repetition_penalty: number.optional(),
  seed: number.optional(),
});

interface SamplingFields {
  temperature?: number | undefined;
  top_k?: number | undefined;
  top_p?: number | undefined;
  repetition_penalty?: number | undefined;
  seed?: number | undefined;
}

/** What of it was sent, as engines name it. */
export function samplingOptions(fields: SamplingFields): SamplingOptions {
  const { temperature, top_k: topK, top_p: topP, repetition_penalty: repetitionPenalty, seed } = fields;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(repetitionPenalty !== undefined && { repetitionPenalty }),
    ...(seed !== undefined && { seed }),
  };
}
