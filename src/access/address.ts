import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that identify one customer's network. The customer can choose the other bits. */
const NETWORK_PREFIX = 64;
const GROUP_BITS = 16;

/**
 * The address that a call came from. Each trusted proxy appends the address that it saw to X-Forwarded-For, so the
 * entry of the outermost one is the client's. Proxies write entries with ports, brackets or names in place of
 * addresses; if an entry is not an address ("unknown", a hidden name), the nearest hop with an address is used.
 *
 * `connection` is the remote address of the socket. Returns an address without port, or "unknown".
 */
export function clientAddress(
  connection: string | undefined,
  headers: IncomingHttpHeaders,
  trustedProxies: number,
): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const hops = [connection ?? '', ...forwarded.split(',').reverse()].slice(0, trustedProxies + 1);
  const addresses = hops.map(addressIn).filter((address) => address !== null);
  return addresses.at(-1) ?? 'unknown';
}

/** The caller that limits count: an IPv4 address (also one mapped into IPv6), or the /64 of an IPv6 address. */
export function networkOf(text = 'unknown'): string {
  const address = addressIn(text);
  if (address === null) return text;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const groups = (parsed as ipaddr.IPv6).parts.slice(0, NETWORK_PREFIX / GROUP_BITS);
  return `${groups.map((group) => group.toString(16)).join(':')}::/${NETWORK_PREFIX}`;
}

/** The address in one entry, without brackets, port, zone and quotes; null when it contains none. */
function addressIn(entry: string): string | null {
  const text = entry.trim().replaceAll('"', '');
  const bracketed = /^\[([^\]]+)\](?::\d*)?$/.exec(text)?.[1];
  const withPort = /^([^:]+):\d*$/.exec(text)?.[1];
  const address = (bracketed ?? withPort ?? text).replace(/%.*$/, '');
  const valid = address.includes(':')
    ? ipaddr.IPv6.isValid(address)
    : ipaddr.IPv4.isValidFourPartDecimal(address);
  return valid ? address : null;
}
