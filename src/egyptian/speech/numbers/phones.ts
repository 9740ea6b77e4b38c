import { cardinal, digitWords } from './cardinals.js';
import { arabicAt, isLoosePrefix, withoutClitic, type Cursor, type Reading } from '../cursor.js';

const CODE_WORDS = new Set('كود الكود رمز الرمز'.split(' '));
/** Two words that make the number behind them a code. */
const CODE_PHRASES = new Set([
  'رمز التحقق',
  'رقم الطلب',
  'رقم الحساب',
  'الرقم القومي',
  'الرقم القومى',
  'رقمك القومي',
  'الرقم السري',
  'رقم البطاقة',
]);
/** May stand between the word and its number. */
const LINK_WORDS = new Set('هو هي بتاعك بتاعي بتاع ده رقم رقمه على هيكون'.split(' '));
const CODE_DETAILS = new Set('التحقق التفعيل الخصم التأكيد الدخول البلد الحجز'.split(' '));

const grouped = (first: string, digits: string): string =>
  `${first}، ${digitWords(digits.slice(0, 4))}، ${digitWords(digits.slice(4))}`;

/** The national form of a number in any of its written forms: digits with the leading 0. */
function nationalDigits(text: string): string {
  const digits = text.replace(/[^0-9]/g, '');
  if (text.startsWith('+') || digits.startsWith('00')) return digits.replace(/^0*20?0?/, '0');
  return digits.length === 12 ? digits.slice(1) : digits;
}

/** Egyptian mobiles and Cairo or Alexandria landlines; other international numbers digit by digit. */
export function readPhone(cursor: Cursor): Reading | undefined {
  const token = cursor.tokens[cursor.at];
  if (token?.kind !== 'phone') return undefined;
  const next = cursor.at + 1;
  const digits = nationalDigits(token.text);
  if (/^01[0125][0-9]{8}$/.test(digits)) {
    return { words: grouped(`زيرو ${cardinal(Number(digits.slice(1, 3)))}`, digits.slice(3)), next };
  }
  if (/^0[23][0-9]{8}$/.test(digits))
    return { words: grouped(digitWords(digits.slice(0, 2)), digits.slice(2)), next };
  const plus = token.text.startsWith('+') ? 'زائد ' : '';
  return { words: plus + digitWords(token.text.replace(/[^0-9]/g, '')), next };
}

/** The words that stand before the number, nearest first, over a colon and link words; at most three. */
function namesBefore(cursor: Cursor): string[] {
  const names: string[] = [];
  for (let index = cursor.at - 1; index >= 0 && names.length < 3; index -= 1) {
    const token = cursor.tokens[index];
    if (token?.text === ':' || token?.text === '#') continue;
    const word = arabicAt(cursor, index);
    if (word === undefined) break;
    if (names.length === 0 && (LINK_WORDS.has(word) || isLoosePrefix(word))) continue;
    names.push(word);
  }
  return names;
}

function isHotline(names: readonly string[]): boolean {
  const [second = '', first = ''] = names;
  return second === 'الساخن'
    ? withoutClitic(first).endsWith('خط') || first === 'للخط'
    : second === 'ساخن' && first.endsWith('خط');
}

function isCode(names: readonly string[]): boolean {
  const [second = '', first = ''] = names;
  if (CODE_WORDS.has(second) || CODE_WORDS.has(withoutClitic(second))) return true;
  if (CODE_DETAILS.has(second) && (CODE_WORDS.has(first) || CODE_WORDS.has(withoutClitic(first))))
    return true;
  return CODE_PHRASES.has(`${first} ${second}`) || CODE_PHRASES.has(`${withoutClitic(first)} ${second}`);
}

/** A hotline (two digits, three digits) or a code (digit by digit), told by the words before the number. */
export function readNamedNumber(cursor: Cursor): Reading | undefined {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || !/^[0-9]+(?:,[0-9]{3})*$/.test(token.text)) return undefined;
  const names = namesBefore(cursor);
  const digits = token.text.replaceAll(',', '');
  if (digits.length === 5 && isHotline(names)) {
    const tail = digits.slice(2);
    const end = tail.startsWith('0') ? digitWords(tail) : cardinal(Number(tail));
    return { words: `${cardinal(Number(digits.slice(0, 2)))}، ${end}`, next: cursor.at + 1 };
  }
  if (!isCode(names)) return undefined;
  return readCode(cursor, digits);
}

/** A code goes on over spaces and hyphens: 4729-1130, 4729 1130. */
function readCode(cursor: Cursor, firstDigits: string): Reading {
  let digits = firstDigits;
  let next = cursor.at + 1;
  for (;;) {
    const hyphen = cursor.tokens[next]?.text === '-' && cursor.tokens[next]?.glued === true ? 1 : 0;
    const part = cursor.tokens[next + hyphen];
    if (part?.kind !== 'number' || !(hyphen === 1 ? /^[0-9]+$/ : /^[0-9]{3,}$/).test(part.text)) break;
    digits += part.text;
    next += hyphen + 1;
  }
  return { words: digitWords(digits), next };
}
