/** Egyptian Arabic has a code of its own in ISO 639-3; speech models know it as Arabic. */
const AS_MODELS_SAY: ReadonlyMap<string, string> = new Map([['arz', 'ar']]);

/** The language of a code as speech models name it: `ar` for `ar-EG` and for `arz`. */
export function languageOf(code: string): string {
  const language = code.split('-', 1)[0] ?? code;
  return AS_MODELS_SAY.get(language) ?? language;
}
