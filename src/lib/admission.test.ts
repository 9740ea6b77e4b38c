import { describe, expect, it } from 'vitest';
import { Admission } from './admission.js';
import { FakeClock } from './fake-clock.js';

/** Durations of successive recordings in milliseconds. They are deliberately unequal. */
const SERVICE_MS = [290, 310, 320, 340, 350, 380, 390, 420, 450, 480, 520, 610, 700, 820, 960, 1_210];

/** One server, calls in order of arrival. Returns the latencies of the admitted calls, from arrival to end. */
function simulate(timesCapacity: number, calls: number): { accepted: number[]; refused: number } {
  const clock = new FakeClock();
  const admission = new Admission({ maxWaiting: 1, clock });
  const accepted: number[] = [];
  let refused = 0;
  let freeAt = 0;
  for (let call = 0; call < calls; call += 1) {
    clock.advance(mean(SERVICE_MS) / timesCapacity);
    if (refusalOf(admission) !== null) {
      refused += 1;
      continue;
    }
    const leave = admission.enter();
    const service = SERVICE_MS[(accepted.length * 7) % SERVICE_MS.length] ?? 0;
    freeAt = Math.max(clock.now(), freeAt) + service;
    accepted.push(freeAt - clock.now());
    clock.after(freeAt - clock.now(), () => leave(true));
  }
  return { accepted, refused };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function p95(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? NaN;
}

function refusalOf(admission: Admission): unknown {
  try {
    admission.check();
    return null;
  } catch (error) {
    return error;
  }
}

describe('Admission', () => {
  it('admits calls whose expected wait is within the bound and rejects the next', () => {
    const admission = new Admission({ maxWaiting: 1, clock: new FakeClock() });
    const leave = admission.enter();
    admission.enter();
    expect(() => admission.enter()).toThrow(
      expect.objectContaining({ status: 429, code: 'queue_full', load: { current: 2, maximum: 2 } }),
    );
    leave(false);
    leave(false);
    expect(admission.load).toEqual({ current: 1, maximum: 2 });
  });

  it('reports every rejection and the number of waiting calls', () => {
    let refused = 0;
    const onRefused = () => (refused += 1);
    const admission = new Admission({ maxWaiting: 1, servers: 2, clock: new FakeClock(), onRefused });
    const leave = admission.enter();
    admission.enter();
    expect(admission.waiting).toBe(0);
    admission.enter();
    admission.enter();
    expect(admission.waiting).toBe(2);
    expect(refused).toBe(0);
    expect(refusalOf(admission)).not.toBeNull();
    expect(() => admission.enter()).toThrow();
    expect(refused).toBe(2);
    leave(true);
    expect(admission.waiting).toBe(1);
  });

  it('admits a burst, but halves the accepted wait under lasting overload', () => {
    const clock = new FakeClock();
    const admission = new Admission({ maxWaiting: 1, clock });
    const first = admission.enter();
    const second = admission.enter();
    expect(refusalOf(admission)).not.toBeNull();
    clock.advance(1_000);
    first(true);
    expect(refusalOf(admission)).toMatchObject({ retryAfterMs: 1_000 });
    clock.advance(499);
    expect(refusalOf(admission)).not.toBeNull();
    clock.advance(1);
    expect(refusalOf(admission)).toBeNull();
    clock.advance(500);
    second(true);
    clock.advance(5_000);
    admission.enter();
    expect(refusalOf(admission)).toBeNull();
  });

  it('keeps the latency of admitted calls within twice the usual under ten times the load, and the server busy', () => {
    const { accepted, refused } = simulate(10, 20_000);
    expect(p95(accepted) / p95(SERVICE_MS)).toBeLessThan(1.5);
    expect(mean(accepted) / mean(SERVICE_MS)).toBeLessThan(1.8);
    expect(accepted.length).toBeGreaterThan(0.9 * 2_000);
    expect(refused).toBe(20_000 - accepted.length);
  });

  it('rejects almost nobody while the server keeps up', () => {
    const { refused } = simulate(0.5, 1_000);
    expect(refused).toBeLessThan(20);
  });

  it('tells rejected callers the measured duration of calls, without their waiting time', () => {
    const clock = new FakeClock();
    const admission = new Admission({ maxWaiting: 1, clock });
    let before = admission.enter();
    for (let i = 0; i < 20; i++) {
      const after = admission.enter();
      clock.advance(300);
      before(true);
      before = after;
    }
    admission.enter();
    expect(refusalOf(admission)).toMatchObject({ retryAfterMs: 450 });
    clock.advance(100);
    expect(refusalOf(admission)).toMatchObject({ retryAfterMs: 350 });
  });

  it('admits as many calls at once as there are servers', () => {
    const admission = new Admission({ maxWaiting: 0, servers: 3, clock: new FakeClock() });
    for (let i = 0; i < 3; i++) admission.enter();
    expect(refusalOf(admission)).toMatchObject({ load: { current: 3, maximum: 3 } });
  });

  it('ignores the duration of aborted calls', () => {
    const clock = new FakeClock();
    const admission = new Admission({ maxWaiting: 0, clock });
    const served = admission.enter();
    clock.advance(500);
    served(true);
    for (let i = 0; i < 5; i++) {
      const left = admission.enter();
      clock.advance(20_000);
      left(false);
    }
    admission.enter();
    expect(refusalOf(admission)).toMatchObject({ retryAfterMs: 500 });
  });
});
