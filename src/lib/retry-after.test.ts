import { expect, it } from 'vitest';
import { parseRetryAfter } from './retry-after.js';

const now = Date.parse('2026-01-01T00:00:00Z');

it.each([
  ['120', 120_000],
  ['0', 0],
  ['1.5', 1_500],
  [' 7 ', 7_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-3', undefined],
  ['', undefined],
  ['3 seconds', undefined],
  ['Infinity', undefined],
  [null, undefined],
])('reads Retry-After %j as %s ms', (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
