import { expect, it } from 'vitest';
import { lateWarnings } from './late-warnings.js';

/** Keeps what is appended to it. */
const response = () => ({ append: () => undefined });

it('what the head had is not said behind it', () => {
  const lines: unknown[] = [];
  const late = lateWarnings(response(), { info: (fields: unknown) => void lines.push(fields) });
  late.head(['Slower than asked.']);
  expect(late.behind(['Slower than asked.'])).toEqual({});
  expect(lines).toEqual([]);
});

it('what came too late is logged without what was said', () => {
  const lines: unknown[] = [];
  const late = lateWarnings(response(), { info: (fields: unknown) => void lines.push(fields) });
  late.head(['Slower than asked.']);
  const behind = late.behind(['Slower than asked.', 'It was stopped.', 'Left out: ☃']);
  expect(behind).toEqual({ 'X-Warning': 'Slower than asked., It was stopped., Left out: %E2%98%83' });
  expect(lines).toEqual([{ warnings: ['It was stopped.', 'Left out'] }]);
});
