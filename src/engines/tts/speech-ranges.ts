/** Speeds that a request may ask for, for every engine. 1 is the engine's natural speed. */
export const SPEED_RANGE = { least: 0.25, most: 4 } as const;

/**
 * Sampling settings that a request may ask for, for every engine: a fallback engine must accept the same values as the
 * first engine.
 */
export const SAMPLING_RANGES = {
  temperature: { least: 0.05, most: 2 },
  topK: { least: 1, most: 1000 },
  topP: { least: 0.01, most: 1 },
  repetitionPenalty: { least: 1, most: 20 },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER },
} as const;
