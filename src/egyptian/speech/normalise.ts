import { cleanCharacters } from './clean/characters.js';
import { decodeEntities } from './clean/entities.js';
import { stripMarkdown } from './clean/markdown.js';
import { readUssd } from './clean/ussd.js';
import { readTokens } from './reader.js';
import { tokenise } from './tokens.js';

/**
 * What a model writes as what a Cairene says: numbers, money, dates, times, units, addresses, Latin words and symbols in
 * words, markdown and emoji gone. What it returns holds letters, tashkeel, spaces and `. ، ؟ ! : ؛` only, no digit of any
 * script; running it again changes nothing. Never throws; time is linear in the text.
 */
export function normalise(text: string): string {
  return readTokens(tokenise(stripMarkdown(readUssd(cleanCharacters(decodeEntities(text))))));
}
