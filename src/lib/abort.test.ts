import { expect, it } from 'vitest';
import { abortable } from './abort.js';

it('a failure after the abort causes no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  let fail = (_: Error): void => undefined;
  const work = new Promise<never>((_, reject) => (fail = reject));
  await expect(abortable(work, AbortSignal.abort())).rejects.toThrow(/abort/i);
  fail(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

it('rejects with the reason of the signal, or settles like the work', async () => {
  const controller = new AbortController();
  const left = abortable(new Promise(() => undefined), controller.signal);
  controller.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  await expect(abortable(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7);
});
