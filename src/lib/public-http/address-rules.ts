import { BlockList, isIP } from 'node:net';

/** IPv4 ranges without public hosts: the special-purpose registry of IANA, multicast, and the reserved class E. */
const SPECIAL_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/**
 * Ranges inside 2000::/3 without public hosts: protocol assignments with Teredo, documentation, 6to4. Teredo and 6to4
 * addresses contain an IPv4 address, which may be private.
 */
const SPECIAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6');
/** Global unicast. Everything else is local, multicast or embeds IPv4: ::1, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** True for an IP address that hosts on the public internet have. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  // An address with a zone (fe80::1%eth0) is local by definition.
  if (family !== 6 || address.includes('%')) return false;
  return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

const CIDR = /^(.+)\/(\d{1,3})$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,62})(\.[a-z\d_]([a-z\d_-]{0,62}))*$/i;

/** Whether an entry of an allow list is a host name, an IP address or a range of addresses (10.1.0.0/16). */
export function isAllowListEntry(entry: string): boolean {
  const [, network = '', prefix = ''] = CIDR.exec(entry) ?? [];
  const family = isIP(network);
  if (family !== 0) return Number(prefix) <= (family === 4 ? 32 : 128);
  return isIP(entry) !== 0 || (HOST_NAME.test(entry) && !/^[\d.]+$/.test(entry));
}

/** Which hosts may be called: public ones, and private ones that the operator lists. */
export class AddressRules {
  readonly #names: ReadonlySet<string>;
  readonly #ranges = new BlockList();

  /** `allowed`: host names, IP addresses and ranges that may be called although they are private. */
  constructor(allowed: readonly string[]) {
    this.#names = new Set(allowed.map((entry) => entry.toLowerCase()));
    for (const entry of allowed) {
      const [, network = entry, prefix] = CIDR.exec(entry) ?? [];
      const family = isIP(network);
      if (family === 0) continue;
      const bits = family === 4 ? 32 : 128;
      this.#ranges.addSubnet(network, prefix === undefined ? bits : Number(prefix), `ipv${family as 4 | 6}`);
    }
  }

  /** True when a connection to this address may be opened for a URL with this host name. */
  allows(hostname: string, address: string): boolean {
    if (isPublicAddress(address) || this.#names.has(hostname.toLowerCase())) return true;
    const family = isIP(address);
    return (
      family !== 0 && !address.includes('%') && this.#ranges.check(address, family === 4 ? 'ipv4' : 'ipv6')
    );
  }
}
