import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.js';
import { Breaker } from './breaker.js';

describe('Breaker', () => {
  it('allows an immediate restart after the first crash, then increases the delay', () => {
    const breaker = new Breaker(new FakeClock());
    const waits = [1, 2, 3, 4].map(() => {
      breaker.failed();
      return breaker.waitMs;
    });
    expect(waits).toEqual([0, 100, 400, 1600]);
    expect(breaker.open).toBe(false);
  });

  it('opens after five crashes in a row and closes after a successful job', () => {
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
