import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf } from './address.js';

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('clientAddress', () => {
  const PROXY = '10.0.0.1';
  const from = (forwarded: string, proxies = 1): string =>
    clientAddress(PROXY, { 'x-forwarded-for': forwarded }, proxies);

  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:51234', '198.51.100.7'],
    ['198.51.100.7:', '198.51.100.7'],
    ['"198.51.100.7:51234"', '198.51.100.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['"[2001:db8::7]:443"', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7'],
    [' 198.51.100.7 ', '198.51.100.7'],
    ['203.0.113.9, 198.51.100.7:99', '198.51.100.7'],
  ])('%s comes from %s', (forwarded, address) => {
    expect(from(forwarded)).toBe(address);
  });

  it.each([
    'unknown',
    '_hidden',
    'unknown:4711',
    '_SEVKISEK',
    '',
    '300.1.1.1',
    '0x7f.1',
    '1',
    '[::1',
    'a.b.c.d:1',
  ])('%j is not an address, so the nearest hop with an address is used', (forwarded) => {
    expect(from(forwarded)).toBe(PROXY);
    expect(from(`203.0.113.9, 198.51.100.7, ${forwarded}`, 2)).toBe('198.51.100.7');
  });

  it('trusts one entry per proxy and ignores entries that the caller added', () => {
    const chain = '203.0.113.1, 203.0.113.2, 198.51.100.7';
    expect([0, 1, 2, 3, 9].map((proxies) => from(chain, proxies))).toEqual([
      PROXY,
      '198.51.100.7',
      '203.0.113.2',
      '203.0.113.1',
      '203.0.113.1',
    ]);
    expect(clientAddress(PROXY, { 'x-forwarded-for': '203.0.113.1' }, 0)).toBe(PROXY);
    expect(clientAddress(undefined, {}, 0)).toBe('unknown');
  });

  it('counts one caller per address, for any port and spelling', () => {
    const port = fc.integer({ min: 0, max: 65_535 });
    const callers = (spellings: string[]): Set<string> =>
      new Set(spellings.map((spelling) => networkOf(from(spelling))));
    fc.assert(
      fc.property(fc.ipV4(), port, port, (address, one, other) => {
        const mapped = `::ffff:${address}`;
        const spellings = [address, `${address}:${one}`, `${address}:${other}`, mapped, `[${mapped}]:${one}`];
        expect(callers(spellings)).toEqual(new Set([address]));
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), port, port, (address, one, other) => {
        expect(callers([address, `[${address}]`, `[${address}]:${one}`, `[${address}]:${other}`]).size).toBe(
          1,
        );
      }),
    );
  });

  it('never throws, for any header', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 5 }), (forwarded, proxies) => {
        expect(networkOf(from(forwarded, proxies))).not.toBe('');
      }),
    );
  });
});
