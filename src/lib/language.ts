/** ISO 639-3 has a code for Egyptian Arabic, but speech models use the code for Arabic. */
const AS_MODELS_SAY: ReadonlyMap<string, string> = new Map([['arz', 'ar']]);

/** The language code that speech models use: `ar` for `ar-EG` and for `arz`. */
export function languageOf(code: string): string {
  const language = code.split('-', 1)[0] ?? code;
  return AS_MODELS_SAY.get(language) ?? language;
}
