import { describe, expect, it } from 'vitest';
import { overloaded } from './errors.js';
import { Slots } from './slots.js';

const never = new AbortController().signal;
const refuse = () => overloaded('full', 1_000);

describe('Slots', () => {
  it('gives slots to the first callers, and to the others in order when slots become free', async () => {
    const slots = new Slots(1, 5, refuse);
    const first = await slots.acquire(never);
    const order: string[] = [];
    const second = slots.acquire(never).then((release) => (order.push('second'), release));
    const third = slots.acquire(never).then((release) => (order.push('third'), release));
    first();
    first();
    (await second)();
    (await third)();
    expect(order).toEqual(['second', 'third']);
    await expect(slots.acquire(never)).resolves.toBeTypeOf('function');
  });

  it('rejects with 429 and a hint when too many wait', async () => {
    const slots = new Slots(1, 1, refuse);
    await slots.acquire(never);
    void slots.acquire(never);
    await expect(slots.acquire(never)).rejects.toMatchObject({ status: 429, retryAfterMs: 1_000 });
  });

  it('removes a caller that leaves the queue', async () => {
    const slots = new Slots(1, 1, refuse);
    const release = await slots.acquire(never);
    const controller = new AbortController();
    const left = slots.acquire(controller.signal);
    controller.abort(new Error('hung up'));
    await expect(left).rejects.toThrow('hung up');
    const next = slots.acquire(never);
    release();
    await expect(next).resolves.toBeTypeOf('function');
  });

  it('passes a slot on when its new holder leaves at the same moment', async () => {
    const slots = new Slots(1, 1, refuse);
    const release = await slots.acquire(never);
    const controller = new AbortController();
    const left = slots.acquire(controller.signal);
    controller.abort(new Error('hung up'));
    release();
    await expect(left).rejects.toThrow('hung up');
    await expect(slots.acquire(never)).resolves.toBeTypeOf('function');
  });
});
