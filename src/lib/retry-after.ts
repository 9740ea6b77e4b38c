/**
 * How long to wait, in milliseconds from `now`, by the value of a Retry-After header (RFC 9110, 10.2.3): a number of
 * seconds or an HTTP date. A date in the past means now. Returns undefined for a missing value and for anything else.
 * Clients and servers write fractions of a second too, so those are read as well.
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  // Date.parse accepts nearly everything with a digit ("-3" is a month), so this requires the weekday of an HTTP date.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
