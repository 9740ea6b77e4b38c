import type { SamplingOptions } from '../engines/tts/text-to-speech.js';

/** Every setting and the name that callers know it by. */
const FIELDS: readonly (readonly [keyof SamplingOptions, string])[] = [
  ['temperature', 'temperature'],
  ['topK', 'top_k'],
  ['topP', 'top_p'],
  ['repetitionPenalty', 'repetition_penalty'],
  ['seed', 'seed'],
];

/** The settings among a request's options. */
export function samplingOf(options: SamplingOptions): SamplingOptions {
  const sampling: SamplingOptions = {};
  for (const [name] of FIELDS) {
    const value = options[name];
    if (value !== undefined) sampling[name] = value;
  }
  return sampling;
}

/** The settings among a request's options, named as the caller sent them. */
export function samplingFields(options: SamplingOptions): string[] {
  return FIELDS.filter(([name]) => options[name] !== undefined).map(([, field]) => field);
}
