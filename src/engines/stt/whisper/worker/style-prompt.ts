/** Shorter prompts are words that people really say, so an echo of them cannot be told from speech. */
const LEAST_WORDS = 3;

/**
 * Whisper sometimes starts by writing its prompt down. Gives the tokens after such an echo; all of them where there is
 * none.
 */
export function withoutEcho(
  tokens: number[],
  prompt: string | undefined,
  decode: (tokens: number[]) => string,
): number[] {
  const wanted = lettersOf(prompt ?? '');
  if (wanted.split(' ').length < LEAST_WORDS || !lettersOf(decode(tokens)).startsWith(wanted)) return tokens;
  const end = tokens.findIndex((_, index) => lettersOf(decode(tokens.slice(0, index + 1))) === wanted);
  if (end < 0) return tokens;
  const rest = tokens.slice(end + 1);
  return lettersOf(decode(rest)) === '' ? [] : rest;
}

function lettersOf(text: string): string {
  return text.replace(/[\p{P}\p{S}\s]+/gu, ' ').trim();
}
