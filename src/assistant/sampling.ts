import type { SamplingOptions } from '../engines/tts/text-to-speech.js';

/** Every setting and its name in a sentence. */
const SETTINGS: readonly (readonly [keyof SamplingOptions, string])[] = [
  ['temperature', 'temperature'],
  ['topK', 'top-k'],
  ['topP', 'top-p'],
  ['repetitionPenalty', 'repetition penalty'],
  ['seed', 'seed'],
];

/** The sampling settings of a request, without its other options. */
export function samplingOf(options: SamplingOptions): SamplingOptions {
  const sampling: SamplingOptions = {};
  for (const [name] of SETTINGS) {
    const value = options[name];
    if (value !== undefined) sampling[name] = value;
  }
  return sampling;
}

/** The names of the settings that a request asks for, for a sentence. */
export function samplingNames(options: SamplingOptions): string[] {
  return SETTINGS.filter(([setting]) => options[setting] !== undefined).map(([, name]) => name);
}
