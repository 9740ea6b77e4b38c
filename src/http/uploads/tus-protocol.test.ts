import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseMetadata } from './tus-protocol.js';

const key = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/).filter((text) => text !== '__proto__');

it('metadata is read as it was written, in any language', () => {
  const pairs = fc.uniqueArray(fc.tuple(key, fc.option(fc.string({ unit: 'grapheme' }))), {
    minLength: 1,
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(pairs, (entries) => {
      const header = entries
        .map(([name, value]) => (value === null ? name : `${name} ${Buffer.from(value).toString('base64')}`))
        .join(',');
      const expected = entries.map(([name, value]) => [name, value]);
      expect(parseMetadata(header)).toEqual(Object.fromEntries(expected));
    }),
  );
});

it('whatever it gets, it answers with pairs or with null', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (header) => {
      const metadata = parseMetadata(header);
      expect(metadata === null || typeof metadata === 'object').toBe(true);
    }),
  );
});

it.each(['', 'a b c', 'a !!!!', 'a YQ', 'a YQ==,a YQ==', ',', 'ä YQ==', 'a  YQ=='])(
  '%j is refused',
  (header) => {
    expect(parseMetadata(header)).toBeNull();
  },
);
