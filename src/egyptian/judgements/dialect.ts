import { EGYPTIAN_WORDS, FUTURE_SA_LOOKALIKES, MSA_WORDS, SHARED_PHRASES } from './dialect-words.js';
import { searchForm } from '../transcripts.js';
import { isEgyptianVerb } from '../verbs.js';

/** How a reply sounds: Egyptian, Modern Standard, or both. */
export type DialectLabel = 'egyptian' | 'msa' | 'mixed';

/** The verdict on one reply. */
export interface DialectScore {
  /** 0 when nothing is formal, 1 when nothing but formal signs was found, between them the formal share of the signs. */
  readonly score: number;
  readonly label: DialectLabel;
  readonly formalSigns: number;
  readonly egyptianSigns: number;
}

/** From this score on a reply is worth asking for once more. */
const TOO_FORMAL_SCORE = 0.5;

const CLITIC = /^[وفبلك](?=\p{L}{2})/u;
/** Told by their tanween or hamza, which the search form drops: غدا is lunch, اذا is if, ساعد is helped. */
const FORMAL_SPELLINGS =
  /(?<!\p{L})[وف]?(?:غد(?:اً|ًا)|[إا]ذ(?:اً|ًا)|إذن|أيض(?:اً|ًا)|كثير(?:اً|ًا)|سأ(?!ل)\p{L}{2,})(?!\p{L})/gu;

function isFormalFuture(word: string): boolean {
  return /^س[نتي]\p{L}{2,}$/u.test(word) && !FUTURE_SA_LOOKALIKES.test(word);
}

function isIn(words: ReadonlySet<string>, word: string): boolean {
  return words.has(word) || words.has(word.replace(CLITIC, ''));
}

function isFormal(words: readonly string[], index: number): boolean {
  const word = words[index] ?? '';
  const bare = word.replace(/^[وف](?=\p{L}{2})/u, '');
  const next = words[index + 1] ?? '';
  if (bare === 'ما' && /^رايك/u.test(next)) return true;
  if (bare === 'تم' && next !== '' && !EGYPTIAN_WORDS.has(next)) return true;
  return isIn(MSA_WORDS, word) || isFormalFuture(bare);
}

function isEgyptian(words: readonly string[], index: number): boolean {
  const word = words[index] ?? '';
  const bare = word.replace(/^[وف](?=\p{L}{2})/u, '');
  if (bare === 'ما' && /^\p{L}{3,}ش$/u.test(words[index + 1] ?? '')) return true;
  return isIn(EGYPTIAN_WORDS, word) || isEgyptianVerb(bare);
}

/** Counts the signs of Modern Standard and of Egyptian in a reply; set phrases that both use count for neither. */
export function dialectScore(text: string): DialectScore {
  const spelled = text.match(FORMAL_SPELLINGS)?.length ?? 0;
  const form = searchForm(text).replace(SHARED_PHRASES, ' ').replace(/\s+/gu, ' ').trim();
  const words = form.split(' ');
  let formalSigns = spelled;
  let egyptianSigns = 0;
  for (const [index] of words.entries()) {
    if (isFormal(words, index)) formalSigns += 1;
    else if (isEgyptian(words, index)) egyptianSigns += 1;
  }
  const score = formalSigns === 0 ? 0 : formalSigns / (formalSigns + egyptianSigns);
  const label = formalSigns === 0 ? 'egyptian' : egyptianSigns === 0 ? 'msa' : 'mixed';
  return { score, label, formalSigns, egyptianSigns };
}

/** True when a reply should be asked for once more: at least half of the signs in it are formal. */
export function isTooFormal(text: string): boolean {
  return dialectScore(text).score >= TOO_FORMAL_SCORE;
}
