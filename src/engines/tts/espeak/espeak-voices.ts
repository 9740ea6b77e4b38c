import { unknownVoice } from '../speech-errors.js';

/** Voice names and their espeak-ng variants; '' is the language's plain voice. The variants ship with espeak-ng. */
const VARIANTS: Readonly<Record<string, string>> = {
  default: '',
  female_1: '+f2',
  female_2: '+f1',
  female_3: '+f3',
  female_4: '+f4',
  female_5: '+f5',
  male_1: '+m1',
  male_2: '+m2',
  male_3: '+m3',
  male_4: '+m4',
  male_5: '+m7',
};

export const ESPEAK_VOICES: readonly string[] = Object.keys(VARIANTS);

/** The value of `-v` for a voice name. Throws AppError 404 for an unknown name. */
export function espeakVoice(language: string, voice = 'default'): string {
  if (!ESPEAK_VOICES.includes(voice)) throw unknownVoice(voice, ESPEAK_VOICES);
  return `${language}${VARIANTS[voice]}`;
}
