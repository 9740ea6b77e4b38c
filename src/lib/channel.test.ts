import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Channel, ChannelClosed } from './channel.js';

async function collect<T>(channel: Channel<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of channel) values.push(value);
  return values;
}

describe('Channel', () => {
  it('delivers every value in order for any capacity', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer()), fc.integer({ min: 1, max: 5 }), async (values, capacity) => {
        const channel = new Channel<number>(capacity);
        const produce = async (): Promise<void> => {
          for (const value of values) await channel.push(value);
          channel.end();
        };
        const [received] = await Promise.all([collect(channel), produce()]);
        expect(received).toEqual(values);
      }),
    );
  });

  it('makes the producer wait while it is full', async () => {
    const channel = new Channel<number>(1);
    await channel.push(1);
    let pushed = false;
    const second = channel.push(2).then(() => (pushed = true));
    await new Promise(setImmediate);
    expect(pushed).toBe(false);
    const iterator = channel[Symbol.asyncIterator]();
    await iterator.next();
    await second;
    expect(pushed).toBe(true);
  });

  it('weighs its values if a weight function is given, and accepts one value above its capacity', async () => {
    const channel = new Channel<number>(10, (value) => value);
    await channel.push(6);
    await channel.push(4);
    let pushed = false;
    const heavy = channel.push(40).then(() => (pushed = true));
    const iterator = channel[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise(setImmediate);
    expect(pushed).toBe(false);
    await iterator.next();
    await heavy;
    channel.pushNow(1);
    expect([await iterator.next(), await iterator.next()]).toMatchObject([{ value: 40 }, { value: 1 }]);
  });

  it('tells the producer when the consumer has left', async () => {
    const channel = new Channel<number>(1);
    await channel.push(1);
    void channel.push(2).catch(() => undefined);
    const waiting = channel.push(3);
    for await (const _ of channel) break;
    await expect(waiting).rejects.toBeInstanceOf(ChannelClosed);
    await expect(channel.push(4)).rejects.toBeInstanceOf(ChannelClosed);
  });

  it('reports a failure after the values before it', async () => {
    const channel = new Channel<number>(4);
    await channel.push(1);
    channel.fail(new Error('broken'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const value of channel) seen.push(value);
      })(),
    ).rejects.toThrow('broken');
    expect(seen).toEqual([1]);
  });
});
