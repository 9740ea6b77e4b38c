import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.js';
import { Breaker } from './breaker.js';

describe('Breaker', () => {
  it('lets a process start again at once after a first death, then later and later', () => {
    const breaker = new Breaker(new FakeClock());
    const waits = [1, 2, 3, 4].map(() => {
      breaker.failed();
      return breaker.waitMs;
    });
    expect(waits).toEqual([0, 100, 400, 1600]);
    expect(breaker.open).toBe(false);
  });

  it('opens after five deaths in a row, and closes with a job that works', () => {
    const clock = new FakeClock();
    const breaker = new Breaker(clock);
    for (let i = 0; i < 5; i++) breaker.failed();
    expect(breaker.open).toBe(true);
    expect(breaker.waitMs).toBe(30_000);
    clock.advance(30_000);
    expect(breaker.open).toBe(false);
    breaker.failed();
    expect(breaker.open).toBe(true);
    breaker.succeeded();
    expect(breaker.waitMs).toBe(0);
  });
});
