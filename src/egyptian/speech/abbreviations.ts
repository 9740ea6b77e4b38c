import { arabicAt, type Cursor, type Reading } from './cursor.js';
import { currencyCodeAt } from './numbers/tail.js';

const TITLES: Readonly<Record<string, string>> = { د: 'دكتور', أ: 'أستاذ', ا: 'أستاذ', م: 'مهندس' };
const ET_CETERA = new Set(['إلخ', 'الخ', 'إلخّ']);
/** Spellings with a slash that are one expression. */
const WITH_SLASH: Readonly<Record<string, string>> = {
  'و/أو': 'أو',
  'كم/س': 'كيلومتر في الساعة',
  'كم/ساعة': 'كيلومتر في الساعة',
};

function isName(cursor: Cursor, index: number): boolean {
  const kind = cursor.tokens[index]?.kind;
  return kind === 'arabic' || kind === 'latin' || kind === 'abbreviation';
}

/** د. أحمد, م/ كريم, وأ. منى: a title before a name. */
function readTitle(cursor: Cursor, word: string): Reading | undefined {
  const [, clitic = '', letter = ''] = /^([وفبل]?)([دأام])$/u.exec(word) ?? [];
  const title = TITLES[letter];
  const sign = cursor.tokens[cursor.at + 1];
  if (title === undefined || sign === undefined || !sign.glued || (sign.text !== '.' && sign.text !== '/'))
    return undefined;
  const name = cursor.tokens[cursor.at + 2]?.text ?? '';
  return isName(cursor, cursor.at + 2) && name.length > 1
    ? { words: clitic + title, next: cursor.at + 2 }
    : undefined;
}

function readDotted(cursor: Cursor, text: string): Reading {
  const next = cursor.at + 1;
  if (text.startsWith('ص')) return { words: 'صندوق بريد', next };
  if (text.startsWith('ق')) return { words: 'قبل الميلاد', next };
  if (text.startsWith('ج')) return { words: currencyCodeAt(cursor, cursor.at)?.singular ?? '', next };
  const clitic = /^[وبلف]/u.exec(text)?.[0] ?? '';
  return { words: `${clitic}أستاذ دكتور`, next };
}

/** Reads an abbreviation: titles, ش. (شارع), ص before a number (صفحة), إلخ, and those with dots (ص.ب. ق.م ج.م أ.د.). */
export function readAbbreviation(cursor: Cursor): Reading | undefined {
  const token = cursor.tokens[cursor.at];
  if (token?.kind === 'abbreviation') return readDotted(cursor, token.text);
  const word = arabicAt(cursor, cursor.at);
  if (word === undefined || word.length > 4) return undefined;
  const next = cursor.at + 1;
  const joined =
    WITH_SLASH[`${word}/${cursor.tokens[next]?.text === '/' ? (cursor.tokens[next + 1]?.text ?? '') : ''}`];
  if (joined !== undefined) return { words: joined, next: next + 2 };
  if (ET_CETERA.has(word)) return { words: 'إلى آخره', next };
  const dot =
    cursor.tokens[next]?.text === '.' && cursor.tokens[next]?.glued === true && isFollowed(cursor, next + 1)
      ? 1
      : 0;
  if (word === 'ش') return { words: 'شارع', next: next + dot };
  if (word === 'ص' && cursor.tokens[next + dot]?.kind === 'number')
    return { words: 'صفحة', next: next + dot };
  return readTitle(cursor, word);
}

function isFollowed(cursor: Cursor, index: number): boolean {
  return isName(cursor, index) || cursor.tokens[index]?.kind === 'number';
}
