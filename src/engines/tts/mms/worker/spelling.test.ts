import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spell } from './spelling.js';

const vocabulary = new Set(" '-ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ");

describe('spell', () => {
  it.each([
    ['أهلاً وسهلاً', 'أهلاً وسهلاً'],
    ['إزيك؟ تمام، الحمد لله!', 'إزيك تمام الحمد لله'],
    ['سطر\nوسطر', 'سطر وسطر'],
    ['يلّا يا\u200fحبيبي', 'يلّا ياحبيبي'],
    ['هٰذا', 'هذا'],
    ['جميـــل', 'جميل'],
    ['ﻻ', 'لا'],
  ])('keeps everything in %s that must be heard', (text, spelled) => {
    expect(spell(text, vocabulary)).toEqual({ text: spelled, unspoken: [] });
  });

  it('writes Egyptian and Persian letters with the nearest known ones', () => {
    expect(spell('ڤيلا چينز گيم پاريس', vocabulary).text).toBe('فيلا جينز جيم باريس');
  });

  it('reports each letter, digit and sign that it left out once', () => {
    expect(spell('عندي 55 جنيه و5% من Uber 🙂', vocabulary)).toEqual({
      text: 'عندي جنيه و من',
      unspoken: ['5', '%', 'U', 'b', 'e', 'r'],
    });
  });

  it('converts capitals to small letters for a Latin vocabulary', () => {
    expect(spell('HeLLo', new Set('helo'))).toEqual({ text: 'hello', unspoken: [] });
  });

  it('removes punctuation, emoji and foreign scripts', () => {
    for (const text of ['', '؟!', '-', '🙂👍🏽', 'hello', 'ـ']) expect(spell(text, vocabulary).text).toBe('');
  });

  it('never lets through a character that the vocabulary lacks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect([...spell(text, vocabulary).text].every((character) => vocabulary.has(character))).toBe(true);
      }),
    );
  });
});
