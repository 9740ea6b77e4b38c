import { searchForm } from '../transcripts.js';

/** What the last words say about the sentence: asked, plainly ended or open, or to be continued. */
export type SentenceEnd = 'question' | 'open' | 'unfinished';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/**
 * Words after which a speaker goes on, in the search form: conjunctions, prepositions, relative words, auxiliaries and
 * fillers. A word that ends sentences too (كده, ده, تاني) is not here, since a wrong "unfinished"
 * costs seconds.
 */
const CONTINUING = words(
  'و او ولا بس لكن ف فا عشان علشان لان لاني لانك لانه لانها لاننا لانهم اللي يعني ان اني انك انه انها اننا انهم لو اذا كان كانت كانوا ' +
    'من في علي عن مع زي غير لحد لغايه بين بتاع بتاعه بتوع عايز عايزه عاوز عاوزه محتاج محتاجه لازم ممكن ياريت هل لما اي حتي بالنسبه يا الي ب ل ال ' +
    'and or but because so the a to of in if that which with for like',
);
/** Sounds and words that hold the turn while the speaker thinks. */
const HESITATION = /^(?:[اأه]*[مه]{2,}|ا+م+|ا{2,}|u+[hm]+|e+[rm]+|mm+|hmm+)$/u;
/** A prefixed و or ف alone, or a word cut off in the middle: the recogniser writes a dash or dots. */
const TRAILING_OFF = /(?:\.{2,}|…|[-–—،,])\s*$/u;
const QUESTION_MARK = /[؟?]\s*$/u;

/**
 * Judges from the words how a turn stands after its last word. `text` is the recogniser's best text so far; an empty text
 * is `open`.
 */
export function sentenceEnd(text: string): SentenceEnd {
  if (QUESTION_MARK.test(text)) return 'question';
  if (TRAILING_OFF.test(text)) return 'unfinished';
  const last = searchForm(text)
    .replace(/[^\p{L}\p{N} ]+/gu, ' ')
    .trim()
    .split(/\s+/u)
    .at(-1);
  if (last === undefined || last === '') return 'open';
  return CONTINUING.has(last) || HESITATION.test(last) ? 'unfinished' : 'open';
}
