import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speakable } from './speakable-text.js';

async function pieces(
  clauses: string[],
  maxCharacters: number,
  normalise: (text: string) => string = String,
): Promise<string[]> {
  const all: string[] = [];
  for await (const { spoken } of speakable(clauses, maxCharacters, normalise)) all.push(spoken);
  return all;
}

describe('speakable', () => {
  it('keeps short clauses and drops clauses without a letter or digit', async () => {
    expect(await pieces(['سلام عليكم،', ' ', '؟!', '🙂', '5', '\n'], 200)).toEqual(['سلام عليكم،', '5']);
  });

  it('cuts at the last word that fits, and inside a word that is too long', async () => {
    expect(await pieces(['aaa bb cccccccc'], 6)).toEqual(['aaa bb', 'cccccc', 'cc']);
  });

  it('cuts again after numbers and symbols became words', async () => {
    const words = (text: string): string => text.replaceAll('9', 'تسعة ');
    const spoken = await pieces(['999'], 8, words);
    expect(spoken).toEqual(['تسعة', 'تسعة', 'تسعة']);
  });

  it('loses no letter, stays within the limit and cuts no character in half', async () => {
    const clause = fc.string({ unit: fc.constantFrom('ا', 'ب', ' ', '\n', '𝟘', '،', '1') });
    await fc.assert(
      fc.asyncProperty(fc.array(clause), fc.integer({ min: 2, max: 12 }), async (clauses, limit) => {
        const found = await pieces(clauses, limit);
        const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');
        expect(letters(found.join(''))).toBe(letters(clauses.join('')));
        for (const piece of found) {
          expect(piece.length).toBeLessThanOrEqual(limit);
          expect(piece).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
        }
      }),
    );
  });
});
