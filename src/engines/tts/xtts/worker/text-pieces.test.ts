import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import { textPieces, type TextPiece } from './text-pieces.js';
import { cleanText, TextTokenizer } from './text-tokenizer.js';
import { parseVocabulary } from './vocabulary.js';

describe('textPieces', () => {
  let tokenizer: TextTokenizer;
  const pieces = (text: string, maxIds = 401): TextPiece[] =>
    textPieces(text, tokenizer, { maxIds, maxTokens: 602 });

  beforeAll(async () => {
    const json = await readFile(path.join(TINY_MODEL, 'vocab.json'), 'utf8');
    tokenizer = new TextTokenizer(parseVocabulary(json, 'ar'));
  });

  it('cuts a long text into pieces within the character and id limits, with whole words in order', () => {
    const word = fc.constantFrom('النهارده', 'يا', 'فندم،', 'القاهرة.', 'عشان', 'والواتساب', 'ok', 'إزيك؟');
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 40, max: 401 }),
        (words, maxIds) => {
          const cut = pieces(words.join(' '), maxIds);
          for (const { text, ids } of cut) {
            expect([...text].length).toBeLessThanOrEqual(166);
            expect(ids.length).toBeLessThanOrEqual(maxIds);
          }
          const letters = (text: string): string[] => text.split(/[^\p{L}]+/u).filter((part) => part !== '');
          expect(cut.flatMap(({ text }) => letters(text))).toEqual(letters(words.join(' ')));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('joins very short clauses to a neighbour', () => {
    expect(
      pieces('أيوه. تمام كده. النهارده الجو جميل في القاهرة والشمس طالعة.').map(({ text }) => text),
    ).toEqual(['أيوه. تمام كده. النهارده الجو جميل في القاهرة والشمس طالعة.']);
  });

  it('ends a short text with a full stop and allows it few tokens', () => {
    const [piece] = pieces('تمام،');
    expect(piece).toMatchObject({ text: 'تمام.', isShort: true, maxTokens: 70 });
    expect(pieces('هو المطعم بيفتح الساعة كام؟')[0]).toMatchObject({
      text: 'هو المطعم بيفتح الساعة كام؟',
      isShort: false,
    });
  });

  it('treats text that looks like a special token as text', () => {
    const { ids } = pieces('[STOP] [en] [START]')[0] as TextPiece;
    const vocabulary = [0, 259, 261];
    expect(ids.some((id) => vocabulary.includes(id))).toBe(false);
  });

  it('reports letters and signs that have no token', () => {
    expect(tokenizer.unspoken(cleanText('سلام Ω 🙂 漢'))).toEqual(['ω', '漢']);
    expect(tokenizer.canSpeak('؟!')).toBe(false);
  });
});
