/** Bidi marks and isolates, joiners, the byte order mark: invisible, and wrong in text for speech or search. */
export const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2066-\u2069\u061C\uFEFF]/gu;

const KEYCAPS = /[0-9#*]\uFE0F?\u20E3/gu;
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]/gu;
/** Controls but the line break, format characters, unassigned and private ones, half surrogates, emoji selectors. */
const NOT_TEXT =
  // eslint-disable-next-line no-control-regex -- control characters are what it removes
  /[\p{Cf}\p{Co}\p{Cn}\p{Cs}\uFE00-\uFE0F\u20D0-\u20FF\u0000-\u0009\u000B-\u001F\u007F-\u009F]/gu;
const TATWEEL = /\u0640+/gu;
const OTHER_DIGIT = /(?![0-9])\p{N}/gu;
const VULGAR: Readonly<Record<string, string>> = { '\u00B9': '', '\u00B2': '²', '\u00B3': '³' };

/** Digits of any script become Western; fractions like ½ and the powers ² ³ stay; ① becomes 1; other numerals vanish. */
function toWesternDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
  if (code >= 0x6f0 && code <= 0x6f9) return String(code - 0x6f0);
  const kept = VULGAR[character];
  if (kept !== undefined) return kept;
  const plain = character.normalize('NFKC');
  if (/^\d+$/.test(plain)) return plain;
  if (/^\d+\u2044\d+$/.test(plain)) return character;
  return /^\p{Nd}$/u.test(plain) ? digitOfScript(plain) : '';
}

/** Unicode keeps the ten digits of a script together, starting at a multiple of ten or sixteen after its zero. */
function digitOfScript(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}

/** Western digits for Arabic-Indic, Persian and all other ones; U+066B, U+066C and U+066A become `.` `,` `%`. */
function westernDigits(text: string): string {
  return text
    .replace(OTHER_DIGIT, toWesternDigit)
    .replace(/(?<=[0-9])\u066B|\u066B(?=[0-9])/gu, '.')
    .replace(/(?<=[0-9])\u066C(?=[0-9])/gu, ',')
    .replaceAll('\u066A', '%');
}

/** The first step of normalising: one kind of line break, space, dash and digit; no invisible characters, emoji, tatweel. */
export function cleanCharacters(text: string): string {
  const lines = text.replace(/\r\n?|[\u2028\u2029\u0085]/gu, '\n').replace(/[^\S\n]/gu, ' ');
  const visible = lines
    .replace(INVISIBLE, '')
    .replace(KEYCAPS, ' ')
    .replace(EMOJI, ' ')
    .replace(NOT_TEXT, '');
  return westernDigits(visible)
    .replace(TATWEEL, '')
    .replace(/[\u2010\u2011\u2212]/gu, '-')
    .replace(/[\u2012\u2015]/gu, '—')
    .replace(/℃/gu, '°C')
    .replace(/℉/gu, '°F')
    .replace(/[ºᵒ˚]/gu, '°')
    .replace(/㎡/gu, 'm²')
    .replace(/№/gu, '#')
    .replace(/(?<![0-9] ?)%([0-9]+(?:[.,][0-9]+)*)/gu, '$1%')
    .replace(/(?<![^ $€£(-])\.(?=[0-9]{1,2}(?![0-9]))/gu, '0.');
}
