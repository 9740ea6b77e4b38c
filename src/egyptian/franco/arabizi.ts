import { AMBIGUOUS_WORDS, ENGLISH_WITH_DIGITS, ENGLISH_WORDS, FRANCO_WORDS } from './arabizi-words.js';
import { transliterate } from '../transliterate.js';

const TOKEN = /[A-Za-z0-9]+(?:['’](?=[A-Za-z0-9])[A-Za-z0-9]+)*/gu;
/** Endings that make a number and letters an English unit, ordinal or model: 7pm, 16GB, 3rd, 5k. */
const UNIT =
  /^[0-9]+(?:st|nd|rd|th|am|pm|d|g|gb|mb|kb|tb|k|m|b|kg|km|cm|mm|ml|l|x|h|hr|hrs|min|mins|s|sec|ms|p|px|hz|ghz|mhz|w|v|mah|fps|c|f|up|star|days?)$/;
const MODEL =
  /^(?:iphone|galaxy|note|win|windows|version|ver|part|type|level|area|step|phase|room|gate|page|line|day|week|year|unit|group|team|chapter|season|episode|grade|class|form|model|mark|user|player|track|item|test|file|image|photo|video|covid|playstation|xbox|html|css|http|usb|wifi|chapter|lesson|unit|task|slide|question|num|no|id)[0-9]+$/;
const FRANCO_DIGIT = /[235-9]/;
const ATTACHED = new Set(['ال', 'و', 'بال', 'لل', 'وال', 'عال', 'في ال', 'بـ']);

/**
 * Folds a spelling so that its variants meet: e/i/y and o/u alike, long vowels and doubled consonants once, kh is 5, gh is 8,
 * j is g, no final h behind a vowel.
 */
function fold(word: string): string {
  return word
    .toLowerCase()
    .replace(/7['’]|kh/g, '5')
    .replace(/3['’]|gh/g, '8')
    .replace(/['’]/g, '')
    .replace(/j/g, 'g')
    .replace(/[ey]/g, 'i')
    .replace(/o/g, 'u')
    .replace(/(.)\1+/g, '$1')
    .replace(/(?<=[aiu])h$/, '');
}

const EXACT = new Map<string, string>();
const FOLDED = new Map<string, string>();
for (const [arabic, spellings] of FRANCO_WORDS) {
  for (const spelling of spellings) {
    if (!EXACT.has(spelling)) EXACT.set(spelling, arabic);
    const key = fold(spelling);
    if (!FOLDED.has(key)) FOLDED.set(key, arabic);
  }
}

function isEnglishWithDigits(word: string): boolean {
  const lower = word.toLowerCase();
  if (ENGLISH_WITH_DIGITS.has(lower) || UNIT.test(lower) || MODEL.test(lower)) return true;
  if (/[0-9]{2}/.test(lower) || /[014]/.test(lower)) return true;
  const letters = lower.replace(/[^a-z]/g, '');
  // B2B, H2O, F16, MP3, CSS3: capitals or bare consonants with a digit are names.
  if (word === word.toUpperCase() && letters.length < 4) return true;
  return /^[^aeiou]+[0-9]$/.test(lower) && letters.length < 5;
}

/** A Latin word with a Franco digit inside it, or at its start next to a letter, that is no English model or unit. */
function isClearlyFranco(word: string): boolean {
  return FRANCO_DIGIT.test(word) && /[a-z]/i.test(word) && !isEnglishWithDigits(word);
}

function dictionaryWord(word: string): string | undefined {
  const lower = word.toLowerCase().replace(/’/g, "'");
  if (AMBIGUOUS_WORDS.has(lower)) return undefined;
  const exact = EXACT.get(lower);
  if (exact !== undefined) return exact;
  if (ENGLISH_WORDS.has(lower)) return undefined;
  const key = fold(lower);
  // A short key without a digit meets too many English words and names.
  return key.length >= 4 || (key.length >= 3 && /[0-9]/.test(key)) ? FOLDED.get(key) : undefined;
}

/** el7aga, elshoghl: the article written on a word. */
function withArticle(word: string): string | undefined {
  const rest = /^(?:el|al|il)-?([a-z0-9'’]{3,})$/i.exec(word)?.[1];
  if (rest === undefined) return undefined;
  const known = dictionaryWord(rest);
  return known === undefined ? undefined : `ال${known}`;
}

function strongReading(word: string): string | undefined {
  if (!/[A-Za-z]/.test(word)) return undefined;
  if (/[0-9]/.test(word) && isEnglishWithDigits(word) && !EXACT.has(word.toLowerCase())) return undefined;
  return (
    dictionaryWord(word) ?? withArticle(word) ?? (isClearlyFranco(word) ? transliterate(word) : undefined)
  );
}

interface Part {
  readonly text: string;
  readonly isWord: boolean;
}

function splitParts(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isWord: false });
    parts.push({ text: match[0], isWord: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isWord: false });
  return parts;
}

const PROTECTED = /[@/\\_]|\.(?=[a-z0-9])/iu;

/** Words inside addresses and paths stay: the characters next to them tell. */
function isProtected(parts: readonly Part[], index: number): boolean {
  const before = parts[index - 1]?.text.slice(-1) ?? '';
  const after = `${parts[index + 1]?.text.slice(0, 1) ?? ''}${parts[index + 1]?.text.length === 1 ? (parts[index + 2]?.text.slice(0, 1) ?? '') : ' '}`;
  return (
    PROTECTED.test(before) ||
    PROTECTED.test(after) ||
    (before === '.' && (parts[index - 1]?.text.length ?? 0) === 1 && index > 1)
  );
}

/** The script of what stands before: question marks and commas follow the words they close. */
function arabicMarks(text: string): string {
  return text
    .replaceAll('?', '؟')
    .replace(/,(?= |$)/g, '،')
    .replaceAll(';', '؛');
}

/**
 * Franco (Arabic in Latin letters and digits) in Arabic script; English, models, units, numbers and Arabic script stay as
 * they are. Never throws; linear in the text's length.
 */
export function arabizi(text: string): string {
  const parts = splitParts(text);
  const readings = parts.map((part, index) =>
    part.isWord && !isProtected(parts, index) ? strongReading(part.text) : undefined,
  );
  const isFranco = readings.some((reading) => reading !== undefined);
  if (!isFranco) return text;
  let written = '';
  let attach = false;
  for (const [index, part] of parts.entries()) {
    const ambiguous =
      part.isWord && !isProtected(parts, index) ? AMBIGUOUS_WORDS.get(part.text.toLowerCase()) : undefined;
    const reading = readings[index] ?? (besideFranco(parts, readings, index) ? ambiguous : undefined);
    if (part.isWord) {
      // The article stays apart from a word that stays Latin.
      if (attach && reading === undefined) written += ' ';
      written += reading?.replace('ـ', '') ?? part.text;
      attach =
        reading !== undefined &&
        (readings[index] === undefined || reading === 'عال') &&
        ATTACHED.has(reading);
    } else if (!attach || part.text !== ' ') {
      written +=
        readings[index - 1] !== undefined || isConverted(parts, readings, index - 1)
          ? arabicMarks(part.text)
          : part.text;
      attach = false;
    }
  }
  return written;
}

/** An ambiguous word is Franco when a neighbour within two words is, or Arabic script stands beside it. */
function besideFranco(
  parts: readonly Part[],
  readings: readonly (string | undefined)[],
  index: number,
): boolean {
  for (const at of [index - 4, index - 2, index + 2, index + 4]) if (readings[at] !== undefined) return true;
  return [index - 1, index + 1].some((at) => /\p{Script=Arabic}/u.test(parts[at]?.text ?? ''));
}

function isConverted(
  parts: readonly Part[],
  readings: readonly (string | undefined)[],
  index: number,
): boolean {
  const word = parts[index]?.text.toLowerCase();
  return word !== undefined && AMBIGUOUS_WORDS.has(word) && besideFranco(parts, readings, index);
}
