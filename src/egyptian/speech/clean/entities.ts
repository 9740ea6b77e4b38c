import { decodeHTMLStrict } from 'entities/decode';

/** The entities that writers often leave without their semicolon, and all numeric ones. */
const MISSING_SEMICOLON = /&(amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9a-f]{1,6})(?![0-9a-z;])/giu;
/** Text that was escaped more often than this is left as it is. */
const MOST_ESCAPES = 4;

/** Replaces HTML entities (`&amp;` `&#1571;` `&#x623;` `&nbsp;`) by their characters, also when they were escaped twice. */
export function decodeEntities(text: string): string {
  let decoded = text;
  for (let pass = 0; pass < MOST_ESCAPES && decoded.includes('&'); pass += 1) {
    const next = decodeHTMLStrict(decoded.replace(MISSING_SEMICOLON, '&$1;'));
    if (next === decoded) break;
    decoded = next;
  }
  return decoded;
}
