import { describe, expect, it } from 'vitest';
import { ProcessSlots } from './process-slots.js';

const never = new AbortController().signal;

describe('ProcessSlots', () => {
  it('lets the waiting in one by one, in order', async () => {
    const slots = new ProcessSlots(1, 2);
    const order: string[] = [];
    const release = await slots.acquire(never);
    const second = slots.acquire(never).then((next) => (order.push('second'), next));
    const third = slots.acquire(never).then((next) => (order.push('third'), next));
    expect(order).toEqual([]);
    release();
    release();
    const releaseSecond = await second;
    expect(order).toEqual(['second']);
    releaseSecond();
    (await third)();
    (await slots.acquire(never))();
  });

  it('refuses with 429 who would be one too many', async () => {
    const slots = new ProcessSlots(1, 0);
    const release = await slots.acquire(never);
    await expect(slots.acquire(never)).rejects.toMatchObject({ status: 429, code: 'overloaded' });
    release();
    (await slots.acquire(never))();
  });

  it('forgets who has given up, and gives its place to the next', async () => {
    const slots = new ProcessSlots(1, 1);
    const release = await slots.acquire(never);
    const controller = new AbortController();
    const impatient = slots.acquire(controller.signal);
    controller.abort(new Error('gone'));
    await expect(impatient).rejects.toThrow('gone');
    const patient = slots.acquire(never);
    release();
    (await patient)();
    await expect(slots.acquire(AbortSignal.abort())).rejects.toThrow(/abort/);
  });
});
