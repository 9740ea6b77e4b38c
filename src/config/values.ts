import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { asciiDigits } from './clean-values.js';

/** The types of settings. All parse strings from the environment, cleaned by `cleanValue`. */

export const text = z.string().trim();

export const flag = z
  .string()
  .transform((value) => value.trim().toLowerCase())
  .pipe(z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off', '']))
  .transform((value) => ['1', 'true', 'yes', 'on'].includes(value));

/** One of a few words, in any case. */
export const choice = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  text.transform((value) => value.toLowerCase()).pipe(z.enum(words));

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
/** A decimal number; digits of Arabic keyboards count as digits. */
export const number = text
  .transform(asciiDigits)
  .refine((value) => NUMBER.test(value), 'expected a number')
  .transform(Number);

export const wholeNumber = (minimum: number, maximum: number) =>
  number.pipe(z.number().int().min(minimum).max(maximum));

export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
);

/** `example` completes the error message. */
export const webAddress = (example: string) =>
  text.refine((url) => /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url), {
    error: (issue) =>
      /^[a-z][a-z\d+.-]*:\/\//i.test(String(issue.input))
        ? `an address such as ${example}`
        : `an address begins with http:// or https://, such as ${example}`,
  });

const HOST_NAME = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,62})(\.[a-z\d_]([a-z\d_-]{0,62}))*\.?$/i;
/** Names made of digits and dots are treated as IPv4 addresses. */
const DIGITS_AND_DOTS = /^[\d.]+$/;

/** An address or name to listen on. IPv6 may stand in brackets, as in a URL. */
export const host = text
  .transform((value) => /^\[(.*)\]$/.exec(value)?.[1] ?? value)
  .refine(isHost, {
    error: (issue) => hostProblem(String(issue.input)),
  });

function isHost(value: string): boolean {
  const [address = ''] = value.split('%');
  if (value.includes('%')) return isIPv6(address);
  return isIP(value) !== 0 || (HOST_NAME.test(value) && !DIGITS_AND_DOTS.test(value));
}

function hostProblem(value: string): string {
  const examples = '0.0.0.0, :: (IPv6 and IPv4) or 127.0.0.1';
  if (value.includes('/')) return `an address without scheme and path, such as ${examples}`;
  if (/^[^:]+:\d*$|\]:\d*$/.test(value))
    return `an address without a port, such as ${examples}; the port is in PORT`;
  return `an address of this machine, such as ${examples}`;
}

/** Web origins. Hybrid apps have schemes of their own (capacitor, ionic, tauri). */
export const origins = list
  .transform((values) => values.map(canonicalOrigin))
  .refine((values): values is string[] => !values.includes(null), {
    error: 'origins such as https://example.org or capacitor://localhost, without a path, or *',
  });

/** The origin as browsers send it: no path, no default port, lower case. Null for anything else. */
function canonicalOrigin(value: string): string | null {
  if (value === '*') return value;
  const origin = value.replace(/\/$/, '');
  if (!/^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*]+$/i.test(origin) || !URL.canParse(origin)) return null;
  const url = new URL(origin);
  return url.origin === 'null' ? origin.toLowerCase() : url.origin;
}
