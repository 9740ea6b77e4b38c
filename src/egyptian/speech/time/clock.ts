import { cardinal } from '../numbers/cardinals.js';
import { count } from '../numbers/counting.js';
import {
  arabicAt,
  dashAt,
  isAt,
  rangeWords,
  withoutClitic,
  wordBefore,
  type Cursor,
  type Reading,
} from '../cursor.js';
import { bareAlef, MINUTE, SECOND } from '../numbers/noun-lists.js';

interface Clock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly half: 'am' | 'pm' | undefined;
  readonly next: number;
}

const MINUTES: ReadonlyMap<number, string> = new Map([
  [5, ' وخمسة'],
  [10, ' وعشرة'],
  [15, ' وربع'],
  [20, ' وتلت'],
  [25, ' ونص إلا خمسة'],
  [30, ' ونص'],
  [35, ' ونص وخمسة'],
]);
const TO_NEXT_HOUR: ReadonlyMap<number, string> = new Map([
  [40, ' إلا تلت'],
  [45, ' إلا ربع'],
  [50, ' إلا عشرة'],
  [55, ' إلا خمسة'],
]);
/** First hour of each part of the day. */
const PARTS: readonly (readonly [number, string])[] = [
  [19, 'بالليل'],
  [18, 'المغرب'],
  [15, 'العصر'],
  [12, 'الضهر'],
  [6, 'الصبح'],
  [4, 'الفجر'],
  [0, 'بالليل'],
];
const PART_WORDS = new Set(
  (
    'الصبح الصبحية بالليل الليل ليلا الفجر فجرا الضهر الظهر ظهرا الضهرية العصر عصرا المغرب العشا العشاء مساء المسا المساء صباحا ' +
    'الصباح بليل'
  ).split(' '),
);
const HALVES: Readonly<Record<string, 'am' | 'pm'>> = { ص: 'am', م: 'pm' };
const LATIN_HALVES: Readonly<Record<string, 'am' | 'pm'>> = {
  am: 'am',
  pm: 'pm',
  'a.m.': 'am',
  'p.m.': 'pm',
};
const HOUR_WORDS = new Set(['الساعة', 'الساعه']);
const BETWEEN_HOUR_AND_NUMBER = new Set(['من', 'حوالي', 'قبل', 'بعد', 'على']);

function isHourWord(word: string | undefined): boolean {
  return word !== undefined && (HOUR_WORDS.has(withoutClitic(word)) || /^(?:و?لل|عال)ساع[ةه]$/u.test(word));
}

/** True when the number at `index` is an hour because الساعة stands before it. */
function followsHourWord(cursor: Cursor, index: number): boolean {
  const previous = wordBefore(cursor, index);
  if (isHourWord(previous)) return true;
  return (
    previous !== undefined && BETWEEN_HOUR_AND_NUMBER.has(previous) && isHourWord(arabicAt(cursor, index - 2))
  );
}

function isPartWord(word: string | undefined): boolean {
  return word !== undefined && PART_WORDS.has(bareAlef(withoutClitic(word)));
}

/** AM or PM behind a time. A bare م after a number is the metre, so the letters need a clock time or an hour word. */
function halfAt(cursor: Cursor, index: number, arabicLetters: boolean): 'am' | 'pm' | undefined {
  const token = cursor.tokens[index];
  if (token?.kind === 'latin') return LATIN_HALVES[token.text.toLowerCase()];
  if (token?.kind !== 'arabic') return undefined;
  // 11 ص is a time without any other sign of one, unless a page number follows.
  const isMorning = token.text === 'ص' && cursor.tokens[index + 1]?.kind !== 'number';
  return arabicLetters || isMorning ? HALVES[token.text] : undefined;
}

function clockAt(cursor: Cursor, index: number, isHour: boolean): Clock | undefined {
  const token = cursor.tokens[index];
  if (token === undefined || (token.kind !== 'time' && token.kind !== 'number')) return undefined;
  if (token.kind === 'number' && token.text.length > 2) return undefined;
  if (!/^[0-9]{1,2}(?::[0-9]{2}){0,2}$/.test(token.text)) return undefined;
  const [hour = 0, minute = 0, second = 0] = token.text.split(':').map(Number);
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute > 0)) return undefined;
  const isTime = token.kind === 'time' || isHour;
  const half = halfAt(cursor, index + 1, isTime);
  if (!isTime && half === undefined) return undefined;
  const next = index + (half === undefined ? 1 : 2);
  return {
    hour: half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour % 24,
    minute,
    second,
    half,
    next,
  };
}

function hourWords(hour: number): string {
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  return twelve === 1 ? 'واحدة' : cardinal(twelve);
}

function timeWords(clock: Clock): string {
  const toNext = TO_NEXT_HOUR.get(clock.minute);
  if (toNext !== undefined) return hourWords(clock.hour + 1) + toNext;
  const minutes = MINUTES.get(clock.minute);
  const hour = hourWords(clock.hour);
  if (minutes !== undefined) return hour + minutes;
  return clock.minute === 0 ? hour : `${hour} و${count(clock.minute, { kind: 'inflected', forms: MINUTE })}`;
}

/** The text may name the part of the day itself, up to two words behind the time or three before it. */
function partIsNamed(cursor: Cursor, start: number, next: number): boolean {
  for (const index of [next, next + 1]) {
    const word = arabicAt(cursor, index);
    if (word === undefined) break;
    if (isPartWord(word)) return true;
  }
  for (let index = start - 1; index >= start - 3; index -= 1) {
    const word = arabicAt(cursor, index);
    if (word === undefined) break;
    if (isPartWord(word)) return true;
  }
  return false;
}

function clockWords(cursor: Cursor, start: number, clock: Clock): string {
  const seconds = clock.second === 0 ? '' : ` و${count(clock.second, { kind: 'inflected', forms: SECOND })}`;
  const spoken = timeWords(clock) + seconds;
  const needsPart = clock.half !== undefined || clock.hour === 0 || clock.hour > 12;
  if (!needsPart || partIsNamed(cursor, start, clock.next)) return spoken;
  const part = PARTS.find(([from]) => clock.hour >= from);
  return `${spoken} ${part?.[1] ?? ''}`;
}

/** A clock time or a range of them: 10:30, 7PM, 6:15 م, الساعة 1, 9:00-17:00. */
export function readClock(cursor: Cursor): Reading | undefined {
  const isHour = followsHourWord(cursor, cursor.at);
  const dash = dashAt(cursor, cursor.at + 1);
  const bareStart =
    dash === 'tight' && !isAt(cursor, cursor.at + 3, '-') && rangeEndsInHalf(cursor, cursor.at + 2);
  const first = clockAt(cursor, cursor.at, isHour || bareStart);
  if (first === undefined) return undefined;
  const words = clockWords(cursor, cursor.at, first);
  if (dashAt(cursor, first.next) === undefined) return { words, next: first.next };
  const end = first.next + 1;
  const second = clockAt(cursor, end, isHour || bareStart);
  if (second === undefined) return { words, next: first.next };
  return { words: rangeWords(cursor, cursor.at, words, clockWords(cursor, end, second)), next: second.next };
}

/** 9-11 AM: the first number is an hour because the second one is. */
function rangeEndsInHalf(cursor: Cursor, index: number): boolean {
  return clockAt(cursor, index, false)?.half !== undefined;
}
