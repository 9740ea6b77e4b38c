import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newestTurns, type HistoryMessage } from './history.js';

const user = (content: string): HistoryMessage => ({ role: 'user', content });
const assistant = (content: string): HistoryMessage => ({ role: 'assistant', content });

describe('the newest turns', () => {
  it('are the whole history while it is within the limits', () => {
    const history = [user('أ'), assistant('ب'), user('ج'), assistant('د')];
    expect(newestTurns(history)).toEqual(history);
  });

  it('are at most twelve', () => {
    const history = Array.from({ length: 15 }, (_, index) => [user(`${index}`), assistant('آه')]).flat();
    expect(newestTurns(history)).toEqual(history.slice(6));
  });

  it('leave out a whole turn when only half of it fits', () => {
    const history = [user('أ'), assistant('ب'.repeat(5_000)), user('ج'), assistant('د'.repeat(3_500))];
    expect(newestTurns(history)).toEqual(history.slice(2));
  });

  it('begin with the user', () => {
    expect(newestTurns([assistant('أهلا'), user('إزيك')])).toEqual([user('إزيك')]);
    expect(newestTurns([assistant('أهلا')])).toEqual([]);
  });

  it('are the end of the history, begin with the user and are within the limits', () => {
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant'),
      content: fc.nat(2_000).map((length) => 'ك'.repeat(length)),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 60 }), (history) => {
        const newest = newestTurns(history);
        expect(newest).toEqual(history.slice(history.length - newest.length));
        expect(newest[0]?.role ?? 'user').toBe('user');
        expect(newest.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(8_000);
      }),
    );
  });
});
