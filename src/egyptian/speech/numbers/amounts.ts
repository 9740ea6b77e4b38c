import { cardinal, countsFew, digitsAsNumber, yearWords } from './cardinals.js';
import { countedNoun, type Counted } from './counting.js';
import { arabicAt, dashAt, isAt, rangeWords, wordBefore, type Cursor, type Reading } from '../cursor.js';
import { isModelName } from '../latin.js';
import { CURRENCY_CODES, CURRENCY_NAMES, readMoney, type Currency } from './money.js';
import { isWhole, parseQuantity, readQuantity, valueOf, type Quantity, type Scale } from './quantity.js';
import { ARABIC_UNITS, degrees, LATIN_UNITS, MEASURE_WORDS, type Unit } from './units.js';
import { readFractionSign } from './fractions.js';

const SCALES: ReadonlyMap<string, Scale> = new Map(
  [
    { value: 1000, name: 'ألف', spellings: 'ألف الف آلاف الاف ألاف تلاف K k' },
    { value: 1_000_000, name: 'مليون', spellings: 'مليون ملايين M' },
    { value: 1_000_000_000, name: 'مليار', spellings: 'مليار مليارات' },
  ].flatMap(({ value, name, spellings }) =>
    spellings.split(' ').map((text) => [text, { value, name }] as const),
  ),
);

/** What stands behind a number: its scale, and the unit, money, percent or noun it counts. */
export interface Tail {
  readonly scale?: Scale;
  readonly counted?: Counted;
  readonly currency?: Currency;
  readonly percent?: true;
  /** Said behind everything else (في الساعة). */
  readonly after?: string;
  readonly isDegree?: true;
  readonly next: number;
}

/** The currency whose sign or code stands at `index`. */
export function currencyCodeAt(cursor: Cursor, index: number): Currency | undefined {
  const token = cursor.tokens[index];
  if (token?.kind === 'symbol') return CURRENCY_CODES.get(token.text);
  if (token?.kind === 'latin') return CURRENCY_CODES.get(token.text.replaceAll('.', '').toUpperCase());
  return token?.kind === 'abbreviation' && token.text.startsWith('ج') ? CURRENCY_CODES.get('ج.م') : undefined;
}

/** م2 is how keyboards write م². */
const POWERS: Readonly<Record<string, string>> = { '2': '²', '3': '³' };

function unitAt(cursor: Cursor, index: number): { unit: Unit; next: number; isDegree?: true } | undefined {
  const token = cursor.tokens[index];
  if (token === undefined) return undefined;
  if (token.text === '°') {
    const letter = cursor.tokens[index + 1];
    const hasScale = letter !== undefined && /^[CF]$/i.test(letter.text);
    return {
      unit: degrees(hasScale ? letter.text.toUpperCase() : undefined),
      next: index + (hasScale ? 2 : 1),
      isDegree: true,
    };
  }
  const units = token.kind === 'arabic' ? ARABIC_UNITS : token.kind === 'latin' ? LATIN_UNITS : undefined;
  if (units === undefined) return undefined;
  const name = token.text === 'M' || token.text === 'G' ? token.text : token.text.toLowerCase();
  const sign = cursor.tokens[index + 1];
  const behind = cursor.tokens[index + 2];
  const perHour =
    sign?.text === '/' && behind !== undefined
      ? units.get(`${name}/${behind.text.toLowerCase()}`)
      : undefined;
  if (perHour !== undefined) return { unit: perHour, next: index + 3 };
  const power = sign?.glued === true ? units.get(name + (POWERS[sign.text] ?? sign.text)) : undefined;
  if (power !== undefined) return { unit: power, next: index + 2 };
  const unit = units.get(name);
  return unit === undefined ? undefined : { unit, next: index + 1 };
}

function unitTail(cursor: Cursor, index: number): Tail | undefined {
  const found = unitAt(cursor, index);
  if (found === undefined) return undefined;
  const { unit, next, isDegree } = found;
  const after = unit.tail === undefined ? {} : { after: unit.tail };
  return { counted: unit.counted, next, ...after, ...(isDegree === undefined ? {} : { isDegree }) };
}

/** Reads what the number at `index - 1` counts. `countsNouns` is false where a number is a name (iPhone 15). */
export function tailAt(cursor: Cursor, index: number, countsNouns: boolean): Tail {
  const token = cursor.tokens[index];
  if (token === undefined) return { next: index };
  if (token.text === '%') return { percent: true, next: index + 1 };
  const scale = token.kind === 'arabic' || token.kind === 'latin' ? SCALES.get(token.text) : undefined;
  if (scale !== undefined) return { ...tailAt(cursor, index + 1, countsNouns), scale };
  const currency = currencyCodeAt(cursor, index) ?? CURRENCY_NAMES.get(token.text);
  if (currency !== undefined) return { currency, next: index + 1 };
  const unit = unitTail(cursor, index);
  if (unit !== undefined) return unit;
  if (token.kind !== 'arabic') return { next: index };
  const measure = MEASURE_WORDS.get(token.text);
  if (measure !== undefined) return { counted: { kind: 'measure', singular: measure }, next: index + 1 };
  const counted = countedNoun(token.text, arabicBefore(cursor, index - 1));
  if (counted === undefined || (!countsNouns && counted.kind === 'noun')) return { next: index };
  return {
    counted,
    next: index + 1,
    ...(/^درج[ةه]$|^درجات$/u.test(token.text) ? { isDegree: true as const } : {}),
  };
}

function arabicBefore(cursor: Cursor, index: number): string | undefined {
  return (
    wordBefore(cursor, index) ?? (isAt(cursor, index - 1, ':') ? arabicAt(cursor, index - 2) : undefined)
  );
}

interface Operand {
  readonly quantity: Quantity;
  readonly next: number;
}

/** A number, with a vulgar fraction behind it: 2½, 2 1/2. */
function operandAt(cursor: Cursor, index: number): Operand | undefined {
  const token = cursor.tokens[index];
  if (token?.kind !== 'number') return undefined;
  const quantity = parseQuantity(token.text);
  if (!isWhole(quantity)) return { quantity, next: index + 1 };
  const fraction = readFractionSign(cursor, index + 1);
  return fraction === undefined
    ? { quantity, next: index + 1 }
    : { quantity: { ...quantity, fraction: fraction.words }, next: fraction.next };
}

function say(quantity: Quantity, tail: Tail, negative: boolean): string {
  const belowZero = negative && tail.isDegree === true;
  const minus = negative && !belowZero ? 'سالب ' : '';
  const amount =
    tail.currency !== undefined
      ? readMoney(quantity, tail.currency, tail.scale)
      : readQuantity(quantity, tail.counted, tail.scale);
  const percent = tail.percent === true ? ' في المية' : '';
  const after = tail.after === undefined ? '' : ` ${tail.after}`;
  return `${minus}${amount}${percent}${after}${belowZero ? ' تحت الصفر' : ''}`;
}

/** The first end of a range is short when the second one counts a noun with the short form. */
function firstEnd(quantity: Quantity, second: Quantity, tail: Tail): string {
  const countsPlural = tail.counted?.kind === 'noun' || tail.counted?.kind === 'inflected';
  const scaledShort = tail.scale?.value === 1000 && isWhole(second) && countsFew(Number(second.whole));
  const shortSecond = (countsPlural && tail.scale === undefined) || scaledShort;
  if (!shortSecond || !isWhole(quantity) || !isWhole(second) || !countsFew(Number(second.whole)))
    return readQuantity(quantity);
  const value = Number(quantity.whole);
  return countsFew(value) ? cardinal(value, 'noun') : cardinal(value);
}

function isYear(quantity: Quantity): boolean {
  return isWhole(quantity) && /^(?:1[0-9]|20)[0-9]{2}$/.test(quantity.whole);
}

/** A number with what it counts, a range or a score; undefined when the token is not a number. */
export function readAmount(cursor: Cursor, negative: boolean, leading?: Currency): Reading | undefined {
  const first = operandAt(cursor, cursor.at);
  if (first === undefined) return undefined;
  const range = negative ? undefined : readRange(cursor, first, leading);
  if (range !== undefined) return range;
  const tail = withCurrency(tailAt(cursor, first.next, countsNounsAt(cursor)), leading);
  return { words: say(first.quantity, tail, negative), next: tail.next };
}

function withCurrency(tail: Tail, leading: Currency | undefined): Tail {
  if (leading === undefined || tail.percent === true) return tail;
  if (tail.currency !== undefined) return { ...tail, currency: leading };
  if (tail.counted === undefined) return { ...tail, currency: leading };
  // "$20 كتاب": the noun is not what the number counts.
  return {
    currency: leading,
    next: tail.next - 1,
    ...(tail.scale === undefined ? {} : { scale: tail.scale }),
  };
}

/** A number behind a model name is a name, unless a noun of time follows it. */
function countsNounsAt(cursor: Cursor): boolean {
  const previous = cursor.tokens[cursor.at - 1];
  return !(previous?.kind === 'latin' && isModelName(previous.text));
}

function readRange(cursor: Cursor, first: Operand, leading: Currency | undefined): Reading | undefined {
  const firstTail = tailBeforeDash(cursor, first.next);
  const dashIndex = firstTail?.next ?? first.next;
  if (!isRangeDash(cursor, dashIndex)) return undefined;
  const secondCurrency = currencyCodeAt(cursor, dashIndex + 1);
  const secondIndex = dashIndex + (secondCurrency === undefined ? 1 : 2);
  const second = operandAt(cursor, secondIndex);
  if (second === undefined || dashAt(cursor, second.next) === 'tight') return undefined;
  const tail = withCurrency(
    tailAt(cursor, second.next, true),
    leading ?? secondCurrency ?? firstTail?.currency,
  );
  if (!isWhole(first.quantity) && first.quantity.whole.length > 15) return undefined;
  const smaller =
    scaledValue(first.quantity, firstTail?.scale ?? tail.scale) < scaledValue(second.quantity, tail.scale);
  if (!smaller) return score(first.quantity, second, tail);
  const years = tail.next === second.next && isYear(first.quantity) && isYear(second.quantity);
  const from = years
    ? yearWords(Number(first.quantity.whole))
    : firstTail?.scale === undefined
      ? firstEnd(first.quantity, second.quantity, tail)
      : readQuantity(first.quantity, undefined, firstTail.scale);
  const to = years
    ? yearWords(Number(second.quantity.whole))
    : say(second.quantity, rangeTail(tail, first, second), false);
  return { words: rangeWords(cursor, cursor.at, from, to), next: tail.next };
}

/** From one to two: both ends are long and the noun follows as it was written. */
function rangeTail(tail: Tail, first: Operand, second: Operand): Tail {
  const isOneToTwo = valueOf(second.quantity) === 2 && isWhole(second.quantity) && isWhole(first.quantity);
  if (!isOneToTwo || tail.scale !== undefined || tail.counted === undefined) return tail;
  const singular = tail.counted.kind === 'inflected' ? tail.counted.forms.one : undefined;
  return singular === undefined ? tail : { ...tail, counted: { kind: 'measure', singular } };
}

function scaledValue(quantity: Quantity, scale: Scale | undefined): number {
  return valueOf(quantity) * (scale?.value ?? 1);
}

/** `%`, a currency or K and M may stand on the first end as well: 5%-10%, $5-$10, 10K-20K. */
function tailBeforeDash(cursor: Cursor, index: number): Tail | undefined {
  const token = cursor.tokens[index];
  if (token?.glued !== true) return undefined;
  if (token.text === '%') return { percent: true, next: index + 1 };
  const currency = currencyCodeAt(cursor, index);
  if (currency !== undefined) return { currency, next: index + 1 };
  const scale = token.kind === 'latin' ? SCALES.get(token.text) : undefined;
  return scale === undefined ? undefined : { scale, next: index + 1 };
}

/** Without spaces a dash is a range; with them only an en dash is, or any dash behind من. */
function isRangeDash(cursor: Cursor, index: number): boolean {
  const dash = dashAt(cursor, index);
  if (dash === 'tight') return true;
  if (dash !== 'spaced' || cursor.tokens[index + 1]?.kind !== 'number') return false;
  if (isAt(cursor, index, '–') || wordBefore(cursor, cursor.at) === 'من') return true;
  // "10 - 15 دقيقة" is no subtraction: a smaller number is taken from, and something is counted.
  const [first, second] = [cursor.tokens[cursor.at], cursor.tokens[index + 1]];
  const counts = tailAt(cursor, index + 2, true);
  const rises = Number(first?.text) < Number(second?.text);
  return rises && (counts.counted !== undefined || counts.currency !== undefined || counts.percent === true);
}

function score(first: Quantity, second: Operand, tail: Tail): Reading {
  // The second number of a score counts nothing; only what can stand behind a number alone is kept.
  const keeps = tail.percent === true || tail.currency !== undefined || tail.scale !== undefined;
  const end = keeps ? say(second.quantity, tail, false) : readQuantity(second.quantity);
  return { words: `${readQuantity(first)} ${end}`, next: keeps ? tail.next : second.next };
}

/** 1.2.3: every number on its own, دوت between. */
export function readVersion(cursor: Cursor): Reading | undefined {
  const token = cursor.tokens[cursor.at];
  if (token?.kind !== 'version') return undefined;
  return {
    words: token.text
      .split('.')
      .map((part) => digitsAsNumber(part))
      .join(' دوت '),
    next: cursor.at + 1,
  };
}
