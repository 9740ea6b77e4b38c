import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressRules } from './address-rules.js';
import { PublicHttpError } from './public-http-error.js';
import { privateAddress } from './public-url.js';

/** Resolves a host name to all its addresses. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** As the operating system resolves names. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true, order: 'verbatim' });

/** Resolves a name and checks every answer. Rejects with PublicHttpError when there is none or when one is forbidden. */
export async function resolveChecked(
  hostname: string,
  rules: AddressRules,
  resolve: Resolve,
): Promise<LookupAddress[]> {
  const addresses = await resolve(hostname).catch((cause: unknown) => {
    throw new PublicHttpError('unknown_host', 'The host of the URL is unknown.', { cause });
  });
  if (addresses.length === 0) throw new PublicHttpError('unknown_host', 'The host of the URL is unknown.');
  // One private answer among public ones is an attack or a mistake; which of them a socket takes is a matter of luck.
  if (!addresses.every(({ address }) => rules.allows(hostname, address))) throw privateAddress();
  return addresses;
}

/**
 * The lookup of one connection: sockets connect to exactly the addresses that were checked here, so that a second answer of
 * the name server (DNS rebinding) changes nothing.
 */
export function checkedLookup(rules: AddressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolveChecked(hostname, rules, resolve).then(
      (addresses) => {
        const wanted = addresses.filter(
          ({ family }) => !options.family || family === familyOf(options.family),
        );
        const [first] = wanted;
        if (!first) callback(new PublicHttpError('unknown_host', 'The host of the URL is unknown.'), []);
        else if (options.all) callback(null, wanted);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function familyOf(family: number | 'IPv4' | 'IPv6'): number {
  return typeof family === 'number' ? family : family === 'IPv4' ? 4 : 6;
}
