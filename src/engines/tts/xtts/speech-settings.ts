import { invalidRequest } from '../../../lib/errors.js';
import { SAMPLING_RANGES, SPEED_RANGE } from '../speech-ranges.js';
import type { SpeechOptions } from '../text-to-speech.js';
import type { SamplingSettings } from './protocol.js';

interface Range {
  field: string;
  least: number;
  most: number;
  usual: number;
  whole: boolean;
}

/** The defaults are those of Coqui's code. */
const RANGES = {
  temperature: { field: 'temperature', ...SAMPLING_RANGES.temperature, usual: 0.75, whole: false },
  topK: { field: 'topK', ...SAMPLING_RANGES.topK, usual: 50, whole: true },
  topP: { field: 'topP', ...SAMPLING_RANGES.topP, usual: 0.85, whole: false },
  repetitionPenalty: {
    field: 'repetitionPenalty',
    ...SAMPLING_RANGES.repetitionPenalty,
    usual: 10,
    whole: false,
  },
  speed: { field: 'speed', ...SPEED_RANGE, usual: 1, whole: false },
} satisfies Record<string, Range>;
const SEED = {
  field: 'seed',
  ...SAMPLING_RANGES.seed,
  usual: 0,
  whole: true,
} satisfies Range;

export interface CheckedSettings {
  sampling: SamplingSettings;
  speed: number;
  seed: number;
}

/**
 * Adds the defaults for settings that the request leaves out. Throws a 400 error that names the field and its range.
 * Calls `newSeed` when the request has no seed.
 */
export function checkedSettings(options: SpeechOptions, newSeed: () => number): CheckedSettings {
  return {
    sampling: {
      temperature: checked(options.temperature, RANGES.temperature),
      topK: checked(options.topK, RANGES.topK),
      topP: checked(options.topP, RANGES.topP),
      repetitionPenalty: checked(options.repetitionPenalty, RANGES.repetitionPenalty),
    },
    speed: checked(options.speed, RANGES.speed),
    seed: options.seed === undefined ? newSeed() : checked(options.seed, SEED),
  };
}

function checked(value: number | undefined, { field, least, most, usual, whole }: Range): number {
  if (value === undefined) return usual;
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw invalidRequest(`${field} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`, {
    param: field,
    code: 'invalid_value',
  });
}
