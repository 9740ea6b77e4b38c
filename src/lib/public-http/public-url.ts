import { isIP } from 'node:net';
import type { AddressRules } from './address-rules.js';
import { PublicHttpError } from './public-http-error.js';

const MAX_URL_LENGTH = 2_048;

/**
 * Parses a URL of a caller. Throws PublicHttpError for another scheme than http and https, for credentials, and for an IP
 * address that the rules forbid. Host names are checked when they are resolved.
 */
export function parsePublicUrl(text: string, rules: AddressRules): URL {
  if (text.length > MAX_URL_LENGTH) throw invalid(`The URL is longer than ${MAX_URL_LENGTH} characters.`);
  if (!URL.canParse(text)) throw invalid('This is not a URL; write it in full: https://example.org/...');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid('The URL must begin with https:// or http://.');
  if (url.username !== '' || url.password !== '')
    throw invalid('The URL must not contain a user name or password.');
  // Fragments never leave the client.
  url.hash = '';
  refusePrivateLiteral(url, rules);
  return url;
}

/** The host of a URL as DNS and sockets take it: IPv6 without brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** An IP address in a URL is connected to without a lookup, so it is checked here. URL parsing has made 0x7f.1 127.0.0.1. */
function refusePrivateLiteral(url: URL, rules: AddressRules): void {
  const host = hostOf(url);
  if (isIP(host) !== 0 && !rules.allows(host, host)) throw privateAddress();
}

export function privateAddress(): PublicHttpError {
  return new PublicHttpError('private_address', 'The host of the URL is not on the public internet.');
}

function invalid(message: string): PublicHttpError {
  return new PublicHttpError('invalid_url', message);
}
