/**
 * Letters that Arabic vocabularies lack, each with its nearest known letter: Persian and Egyptian shapes (ڤ, چ, گ, پ),
 * alef wasla.
 */
const NEAREST: Readonly<Record<string, string>> = {
  ٱ: 'ا',
  پ: 'ب',
  چ: 'ج',
  ڤ: 'ف',
  ڨ: 'ق',
  ک: 'ك',
  گ: 'ج',
  ھ: 'ه',
  ہ: 'ه',
  ی: 'ي',
};
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Characters that are read aloud: letters, digits, currency and other signs, without punctuation and tatweel. */
const MISSED = /[\p{L}\p{N}\p{Sc}\p{Sm}%@&#]/u;
/** Vowel marks and invisible joiners. They are removed without splitting the word. */
const INSIDE_WORDS = /[\p{M}\p{Cf}]/u;
const TATWEEL = 'ـ';

export interface Spelled {
  /** Only characters of the vocabulary; '' when no letter or digit is left. */
  text: string;
  /** Characters that are read aloud but missing in the vocabulary, each once. */
  unspoken: string[];
}

/**
 * Reduces a text to the characters of a voice's vocabulary. The tokenizer drops other characters silently, and parses `_`
 * and `<unk>` inside a text as its own special tokens.
 */
export function spell(text: string, vocabulary: ReadonlySet<string>): Spelled {
  const unspoken = new Set<string>();
  let spelled = '';
  for (const character of text.normalize('NFKC').replaceAll(TATWEEL, '')) {
    const known = [character, character.toLowerCase(), NEAREST[character]].find(
      (candidate) => candidate !== undefined && vocabulary.has(candidate),
    );
    if (known === undefined && MISSED.test(character)) unspoken.add(character);
    spelled += known ?? (INSIDE_WORDS.test(character) ? '' : ' ');
  }
  spelled = spelled.replace(/\s+/gu, ' ').trim();
  return { text: LETTER_OR_DIGIT.test(spelled) ? spelled : '', unspoken: [...unspoken] };
}
