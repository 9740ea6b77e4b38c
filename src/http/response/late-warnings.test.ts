import { expect, it } from 'vitest';
import { lateWarnings } from './late-warnings.js';

/** A response that ignores its headers. */
const response = () => ({ append: () => undefined });

it('puts no warning into the trailer that is already in the headers', () => {
  const lines: unknown[] = [];
  const late = lateWarnings(response(), { info: (fields: unknown) => void lines.push(fields) });
  late.head(['Slower than asked.']);
  expect(late.trailer(['Slower than asked.'])).toEqual({});
  expect(lines).toEqual([]);
});

it('logs late warnings without the text of the caller', () => {
  const lines: unknown[] = [];
  const late = lateWarnings(response(), { info: (fields: unknown) => void lines.push(fields) });
  late.head(['Slower than asked.']);
  const trailer = late.trailer(['Slower than asked.', 'It was stopped.', 'Left out: ☃']);
  expect(trailer).toEqual({ 'X-Warning': 'Slower than asked., It was stopped., Left out: %E2%98%83' });
  expect(lines).toEqual([{ warnings: ['It was stopped.', 'Left out'] }]);
});
