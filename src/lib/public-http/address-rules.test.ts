import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressRules, isAllowListEntry, isPublicAddress } from './address-rules.js';

const dotted = (bytes: readonly number[]): string => bytes.join('.');
const hexPairs = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
const byte = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(byte, byte, byte, byte);

describe('isPublicAddress', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2a00:1450:4001:81c::200e',
    '2001:4860:4860::8888',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:0:8.8.8.8',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1111%eth0',
    'fec0::1',
    'ff02::1',
    'example.org',
    '',
  ])('%j is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('no form of IPv6 that embeds IPv4 is public', () => {
    fc.assert(
      fc.property(ipv4, (bytes) => {
        const pairs = hexPairs(bytes);
        for (const address of [
          `::ffff:${dotted(bytes)}`,
          `::ffff:${pairs}`,
          `::${dotted(bytes)}`,
          `64:ff9b::${dotted(bytes)}`,
          `2002:${pairs}::1`,
          `2001:0:${pairs}::`,
        ])
          expect(isPublicAddress(address)).toBe(false);
      }),
    );
  });

  it('private IPv4 ranges are private from end to end', () => {
    const privateIpv4 = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), byte, byte, byte),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
      fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
      fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
    );
    fc.assert(fc.property(privateIpv4, (bytes) => !isPublicAddress(dotted(bytes))));
  });
});

describe('AddressRules', () => {
  const rules = new AddressRules(['10.1.0.0/16', 'fd00::/8', '192.168.7.9', 'Hooks.Internal']);

  it.each([
    ['hooks.internal', '172.16.0.1', true],
    ['HOOKS.INTERNAL', '127.0.0.1', true],
    ['other.internal', '172.16.0.1', false],
    ['other.internal', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.2.2.3', '10.2.2.3', false],
    ['x', '192.168.7.9', true],
    ['x', '192.168.7.10', false],
    ['x', 'fd12::1', true],
    ['x', 'fe80::1', false],
    ['x', 'fd12::1%eth0', false],
    ['x', '8.8.8.8', true],
  ])('%s at %s: %s', (hostname, address, allowed) => {
    expect(rules.allows(hostname, address)).toBe(allowed);
  });

  it.each(['10.0.0.0/8', 'fd00::/8', '10.0.0.1', '::1', 'hooks.internal', 'localhost', 'a_b'])(
    '%s can be an entry',
    (entry) => {
      expect(isAllowListEntry(entry)).toBe(true);
    },
  );

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0', '*.internal', 'http://x', 'x:80', 'x/8', '-a', ''])(
    '%j cannot be an entry',
    (entry) => {
      expect(isAllowListEntry(entry)).toBe(false);
    },
  );
});
