import { describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.js';
import { JobQueue } from './job-queue.js';

const never = new AbortController().signal;

describe('JobQueue', () => {
  it('runs one job at a time, in the order of arrival', async () => {
    const queue = new JobQueue('stt', 5, new FakeClock());
    const order: number[] = [];
    const release = await queue.acquire(never);
    const waiting = [1, 2, 3].map(async (n) => {
      const done = await queue.acquire(never);
      order.push(n);
      done();
    });
    expect(order).toEqual([]);
    release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(queue.busy).toBe(false);
  });

  it('refuses what exceeds the limit with the time the queue really takes', async () => {
    const clock = new FakeClock();
    const queue = new JobQueue('stt', 1, clock);
    for (let i = 0; i < 40; i++) {
      const release = await queue.acquire(never);
      clock.advance(400);
      release();
    }
    await queue.acquire(never);
    void queue.acquire(never);
    const refusal = await queue.acquire(never).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 429, code: 'queue_full' });
    const { retryAfterMs } = refusal as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThanOrEqual(400);
    expect(retryAfterMs).toBeLessThan(420);
  });

  it('lets a waiting job leave without holding up the others', async () => {
    const queue = new JobQueue('stt', 5, new FakeClock());
    const release = await queue.acquire(never);
    const leaving = new AbortController();
    const left = queue.acquire(leaving.signal);
    const next = queue.acquire(never);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(queue.queued).toBe(1);
    release();
    (await next)();
    expect(queue.busy).toBe(false);
  });

  it('gives a place back once, however often it is asked to', async () => {
    const queue = new JobQueue('stt', 5, new FakeClock());
    const release = await queue.acquire(never);
    const second = queue.acquire(never);
    const third = queue.acquire(never);
    release();
    release();
    await second;
    expect(queue.queued).toBe(1);
    void third;
  });
});
