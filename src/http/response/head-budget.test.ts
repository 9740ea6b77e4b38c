import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, fitTexts } from './head-budget.js';

/** Letters of one to four bytes, among them those that are readable without encoding. */
const text = fc.string({ unit: 'grapheme', maxLength: 80 });
const arabic = fc.array(fc.constantFrom('ا', 'ب', '٣', '😀', 'a', ' ', '%', ','), { maxLength: 400 });
const encoded = fc
  .oneof(
    text,
    arabic.map((letters) => letters.join('')),
  )
  .map(encodeURIComponent);
const headers = fc.record({
  transcript: encoded,
  reply: encoded,
  warnings: fc.array(encoded, { maxLength: 40 }),
});

const bytes = (lines: readonly { name: string; values: readonly string[] }[]): number =>
  lines.flatMap(({ name, values }) => values.map((value) => `${name}: ${value}\r\n`)).join('').length;

describe('a text in a header', () => {
  it('is cut to its beginning and an ellipsis, within the limit', () => {
    fc.assert(
      fc.property(encoded, fc.nat(300), (whole, limit) => {
        const cut = cutText(whole, limit);
        if (cut === null) return limit < 9 && whole.length > limit;
        expect(cut.length).toBeLessThanOrEqual(limit);
        if (cut === whole) return true;
        const shown = decodeURIComponent(cut);
        expect(shown.at(-1)).toBe('…');
        expect(decodeURIComponent(whole).startsWith(shown.slice(0, -1))).toBe(true);
        // The cut text uses the limit up to the space of one code point.
        return cut.length > limit - 12;
      }),
    );
  });
});

describe('the texts of a head', () => {
  it('fit into the limit, and the ones that were cut are named', () => {
    fc.assert(
      fc.property(headers, fc.integer({ min: 200, max: 3_000 }), ({ transcript, reply, warnings }, room) => {
        const whole = [
          { name: 'X-Transcript', values: [transcript] },
          { name: 'X-Reply', values: [reply] },
          { name: 'X-Warning', values: warnings },
        ];
        const { texts, truncated } = fitTexts(whole, room);
        const named = truncated.length > 0 ? [{ name: 'X-Truncated', values: [truncated.join(', ')] }] : [];
        expect(bytes([...texts, ...named])).toBeLessThanOrEqual(room);
        for (const { name, values } of whole) {
          const fitted = texts.find((text) => text.name === name)?.values;
          if (!truncated.includes(name)) expect(fitted).toEqual(values);
        }
      }),
    );
  });

  it('leave unused space of short texts to the long ones', () => {
    const long = { name: 'X-Reply', values: ['x'.repeat(5_000)] };
    const { texts } = fitTexts([{ name: 'X-Transcript', values: ['short'] }, long], 1_000);
    expect(texts.find(({ name }) => name === 'X-Transcript')?.values).toEqual(['short']);
    expect(bytes(texts)).toBeGreaterThan(900);
  });
});
