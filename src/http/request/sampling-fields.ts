import type { z } from 'zod';
import { SAMPLING_RANGES } from '../../engines/tts/sampling-ranges.js';
import type { SamplingOptions } from '../../engines/tts/text-to-speech.js';

const { temperature, topK, topP, repetitionPenalty, seed } = SAMPLING_RANGES;

/** How a voice engine draws its speech, as callers name it; `number` is what the body holds. */
export const samplingFields = (number: z.ZodNumber | z.ZodCoercedNumber) => ({
  temperature: number.min(temperature.least).max(temperature.most).optional(),
  top_k: number.int().min(topK.least).max(topK.most).optional(),
  top_p: number.min(topP.least).max(topP.most).optional(),
  repetition_penalty: number.min(repetitionPenalty.least).max(repetitionPenalty.most).optional(),
  seed: number.int().min(seed.least).max(seed.most).optional(),
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
