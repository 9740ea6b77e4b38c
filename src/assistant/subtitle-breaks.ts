/**
 * Where a line or a cue of subtitles may end: after the mark that ends a sentence, then after a comma or semicolon, then
 * before "and" (و) and prepositions, then anywhere between two words.
 */
export type BreakQuality = 3 | 2 | 1 | 0;

const SENTENCE_END = /[.؟?!…]["»”’)\]]*$/u;
const CLAUSE_END = /[،؛,;:]["»”’)\]]*$/u;
/** Egyptian prepositions and conjunctions, without the prefixes ب and ل, which many nouns begin with. */
const LEADING_WORDS: ReadonlySet<string> = new Set([
  ...[
    'في',
    'من',
    'على',
    'عن',
    'مع',
    'إلى',
    'لحد',
    'لغاية',
    'عند',
    'بعد',
    'قبل',
    'زي',
    'غير',
    'بدل',
    'جوه',
    'برا',
  ],
  ...['أو', 'بس', 'لكن', 'عشان', 'علشان', 'لما', 'لو', 'اللي', 'إن', 'يعني', 'ولا'],
]);
const SHORTEST_WITH_AND = 3;

/** How good a break is between these two words. */
export function breakQuality(before: string, after: string): BreakQuality {
  if (SENTENCE_END.test(before)) return 3;
  if (CLAUSE_END.test(before)) return 2;
  const joined = after.startsWith('و') && after.length >= SHORTEST_WITH_AND;
  return joined || LEADING_WORDS.has(after) ? 1 : 0;
}

/** Characters that take room on the screen: vowel signs and direction marks take none. */
export function shownLength(text: string): number {
  return [...text.replace(/[\p{M}\p{Cf}]/gu, '')].length;
}
