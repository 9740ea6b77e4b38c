/** What callers may ask of the sampling, whichever engine speaks: a request must not depend on who stands in. */
export const SAMPLING_RANGES = {
  temperature: { least: 0.05, most: 2 },
  topK: { least: 1, most: 1000 },
  topP: { least: 0.01, most: 1 },
  repetitionPenalty: { least: 1, most: 20 },
  seed: { least: 0, most: Number.MAX_SAFE_INTEGER },
} as const;
