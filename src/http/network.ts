import { isIPv6 } from 'node:net';

/** Groups of an IPv6 address that name one customer's network (/64): within it addresses are free to take. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** What limits count an address by: IPv4 as it is (mapped into IPv6 or not), IPv6 by its /64. */
export function networkOf(address = 'unknown'): string {
  const [plain = ''] = address.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return address;
  const [front = '', back] = plain.split('::');
  const groups = front === '' ? [] : front.split(':');
  const behind = back === undefined || back === '' ? [] : back.split(':');
  const zeros = Math.max(0, GROUPS - groups.length - behind.length);
  const all = [...groups, ...Array<string>(zeros).fill('0'), ...behind];
  return `${all
    .slice(0, NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
