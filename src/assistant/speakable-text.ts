import { invalidRequest } from '../lib/errors.js';
import { nothingToSay } from '../engines/tts/speech-errors.js';

/** Code points of one text to speak. */
export const MAX_TEXT_CHARACTERS = 4_096;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** Throws AppError 400 for a text that is too long or contains no letter or digit. */
export function checkText(text: string): void {
  if (text.length > MAX_TEXT_CHARACTERS && [...text].length > MAX_TEXT_CHARACTERS) {
    throw invalidRequest(`The text is longer than ${MAX_TEXT_CHARACTERS} characters; send it in parts.`, {
      param: 'text',
      code: 'text_too_long',
    });
  }
  if (!LETTER_OR_DIGIT.test(text)) throw nothingToSay();
}

/** A clause as it is written and as it is read aloud. */
export interface SpeakableClause {
  text: string;
  spoken: string;
}

/**
 * The clauses that contain letters or digits. A clause that is longer than an engine accepts is cut at words, before and
 * again after normalisation, because numbers and symbols become many words.
 */
export async function* speakable(
  clauses: AsyncIterable<string> | Iterable<string>,
  maxCharacters: number,
  normalise: (text: string) => string,
): AsyncGenerator<SpeakableClause, void, undefined> {
  for await (const clause of clauses) {
    for (const text of cutAtWords(clause.trim(), maxCharacters)) {
      for (const spoken of cutAtWords(normalise(text).trim(), maxCharacters))
        if (LETTER_OR_DIGIT.test(spoken)) yield { text, spoken };
    }
  }
}

function* cutAtWords(text: string, maxCharacters: number): Generator<string, void, undefined> {
  let rest = text;
  while (rest.length > maxCharacters) {
    const at = lastBreak(rest, maxCharacters);
    yield rest.slice(0, at).trimEnd();
    rest = rest.slice(at).trimStart();
  }
  yield rest;
}

function lastBreak(text: string, maxCharacters: number): number {
  const space = text.slice(0, maxCharacters + 1).search(/\s\S*$/u);
  if (space > 0) return space;
  // A word longer than the limit is cut, but never within a surrogate pair.
  const code = text.charCodeAt(maxCharacters - 1);
  return code >= 0xd800 && code <= 0xdbff && maxCharacters > 1 ? maxCharacters - 1 : maxCharacters;
}
