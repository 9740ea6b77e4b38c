import { z } from 'zod';
import { SAMPLING_RANGES } from '../../engines/tts/speech-ranges.js';
import type { SamplingOptions } from '../../engines/tts/text-to-speech.js';

const { temperature, topK, topP, repetitionPenalty, seed } = SAMPLING_RANGES;

/** The sampling settings of voice engines under the names of the API. `typed` makes the type of a field from its number. */
export const samplingFields = <Field extends z.ZodType>(typed: (number: z.ZodNumber) => Field) => ({
  temperature: typed(z.number().min(temperature.least).max(temperature.most))
    .optional()
    .describe('Higher values vary the speech more. Ignored by engines without sampling.'),
  top_k: typed(z.number().int().min(topK.least).max(topK.most))
    .optional()
    .describe('Samples from this many most probable tokens.'),
  top_p: typed(z.number().min(topP.least).max(topP.most))
    .optional()
    .describe('Samples from the most probable tokens that sum up to this probability.'),
  repetition_penalty: typed(z.number().min(repetitionPenalty.least).max(repetitionPenalty.most))
    .optional()
    .describe('Makes repeated tokens less likely.'),
  seed: typed(z.number().int().min(seed.least).max(seed.most))
    .optional()
    .describe('The same seed and text give the same speech.'),
});

interface SamplingFields {
  temperature?: number | undefined;
  top_k?: number | undefined;
  top_p?: number | undefined;
  repetition_penalty?: number | undefined;
  seed?: number | undefined;
}

/** The settings that were sent, under the names of the engines. */
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
