import { splitClauses } from '../../../../egyptian/clauses/clauses.js';
import { cleanText, type TextTokenizer } from './text-tokenizer.js';

/** Longest Arabic text that XTTS reads without cutting or rambling, in characters (Coqui's limit). */
const LONGEST_PIECE = 166;
/** A shorter piece is joined to its neighbour. Alone, about one in ten would be drawn out or followed by babble. */
const SHORTEST_PIECE = 20;
/**
 * About three times as many tokens as slow speech needs (21.5 tokens and 10 letters a second), plus some for silence.
 */
const TOKENS_PER_CHARACTER = 6;
const SPARE_TOKENS = 40;
const ENDS_SENTENCE = /[.!?؟…]$/u;
const SOFT_MARK_AT_END = /[\s،؛,;:-]+$/u;

export interface TextPiece {
  text: string;
  ids: number[];
  /** Audio tokens beyond this limit are not speech. */
  maxTokens: number;
  /** True when the text is so short that the model tends to ramble after it. Its audio is held back until it ends. */
  isShort: boolean;
}

export interface PieceLimits {
  maxIds: number;
  maxTokens: number;
}

/**
 * Cuts a text at its clauses into pieces that the model can read at once. Joins very short pieces to a neighbour and
 * ends each piece with a full stop; without it, babble often follows short texts. Cuts inside a word only when the word
 * alone is too long.
 */
export function textPieces(text: string, tokenizer: TextTokenizer, limits: PieceLimits): TextPiece[] {
  const clauses = joinShort(splitClauses(cleanText(text), { limit: LONGEST_PIECE - 1 }));
  return clauses
    .flatMap((clause) => fitting(clause, tokenizer, limits.maxIds))
    .map(ended)
    .map((piece) => ({
      text: piece,
      ids: tokenizer.encode(piece),
      maxTokens: Math.min(limits.maxTokens, SPARE_TOKENS + TOKENS_PER_CHARACTER * [...piece].length),
      isShort: [...piece].length < SHORTEST_PIECE,
    }));
}

function joinShort(clauses: readonly string[]): string[] {
  const joined: string[] = [];
  for (const clause of clauses) {
    const previous = joined.at(-1);
    const isShort =
      previous !== undefined && Math.min([...previous].length, [...clause].length) < SHORTEST_PIECE;
    if (isShort && [...previous].length + [...clause].length < LONGEST_PIECE)
      joined[joined.length - 1] = `${previous} ${clause}`;
    else joined.push(clause);
  }
  return joined;
}

/** Halves a clause with too many ids until its parts fit. One id is reserved for the full stop. */
function fitting(clause: string, tokenizer: TextTokenizer, maxIds: number): string[] {
  const length = [...clause].length;
  if (tokenizer.encode(clause).length < maxIds || length < 2) return [clause];
  return splitClauses(clause, { limit: Math.ceil(length / 2) }).flatMap((part) =>
    fitting(part, tokenizer, maxIds),
  );
}

function ended(piece: string): string {
  return ENDS_SENTENCE.test(piece) ? piece : `${piece.replace(SOFT_MARK_AT_END, '')}.`;
}
