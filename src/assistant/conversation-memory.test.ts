import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.js';
import {
  createConversationMemory,
  newConversationId,
  type ConversationMemory,
} from './conversation-memory.js';

const MINUTE = 60_000;
let clock: FakeClock;
let memory: ConversationMemory;

beforeEach(() => {
  clock = new FakeClock();
  clock.advance(1);
  memory = createConversationMemory({ limit: 2, minutes: 60, clock });
});

const say = async (conversation: string | undefined, message: string): Promise<string> => {
  const turn = await memory.begin(conversation);
  await turn.remember(message, `${message}؟`);
  return turn.conversation;
};
const heard = async (conversation: string): Promise<string[]> =>
  (await memory.begin(conversation)).history.map(({ role, content }) => `${role}: ${content}`);

describe('a conversation', () => {
  it('remembers its turns in order', async () => {
    const id = await say(undefined, 'أول');
    await say(id, 'تاني');
    expect(await heard(id)).toEqual(['user: أول', 'assistant: أول؟', 'user: تاني', 'assistant: تاني؟']);
  });

  it('has an unguessable id, or the id that its caller chose', async () => {
    expect(newConversationId()).toMatch(/^conv_[\w-]{22}$/u);
    expect((await memory.begin()).conversation).not.toBe((await memory.begin()).conversation);
    expect((await memory.begin('my-phone_1')).conversation).toBe('my-phone_1');
  });

  it.each(['', 'a'.repeat(65), 'has space', 'منى', '../x'])('rejects %j as an id', async (id) => {
    await expect(memory.begin(id)).rejects.toMatchObject({ status: 400, param: 'conversation' });
  });

  it('stores nothing of an incomplete turn', async () => {
    const id = await say(undefined, 'أول');
    await memory.begin(id);
    expect(await heard(id)).toHaveLength(2);
  });

  it("continues from the caller's history instead of the stored one", async () => {
    const id = await say(undefined, 'قديم');
    const turn = await memory.begin(id, [
      { role: 'user', content: 'من عندي' },
      { role: 'assistant', content: 'ماشي' },
    ]);
    expect(turn.history).toHaveLength(2);
    await turn.remember('جديد', 'تمام');
    expect(await heard(id)).toEqual(['user: من عندي', 'assistant: ماشي', 'user: جديد', 'assistant: تمام']);
  });

  it('stores overlapping turns whole, in the order in which they end', async () => {
    const [first, second] = [await memory.begin('c'), await memory.begin('c')];
    await second.remember('تاني', 'ب');
    await first.remember('أول', 'أ');
    expect(await heard('c')).toEqual(['user: تاني', 'assistant: ب', 'user: أول', 'assistant: أ']);
  });
});

describe('the memory', () => {
  it('evicts the least recently used conversation when there are too many', async () => {
    for (const id of ['a', 'b', 'a', 'c']) await say(id, 'كلام');
    expect([(await heard('a')).length, (await heard('b')).length, (await heard('c')).length]).toEqual([
      4, 0, 2,
    ]);
  });

  it('forgets a conversation some time after its last message', async () => {
    await say('a', 'كلام');
    clock.advance(59 * MINUTE);
    await say('a', 'كمان');
    clock.advance(59 * MINUTE);
    expect(await heard('a')).toHaveLength(4);
    clock.advance(59 * MINUTE);
    expect(await heard('a'), 'a message counts even when it got no answer').toHaveLength(4);
    clock.advance(61 * MINUTE);
    expect(await heard('a')).toHaveLength(0);
  });

  it('stores a turn that ends after its conversation was forgotten, with the earlier history', async () => {
    await say('a', 'كلام');
    const turn = await memory.begin('a');
    await say('b', 'كلام');
    await say('c', 'كلام');
    await turn.remember('كمان', 'ماشي');
    expect(await heard('a')).toHaveLength(4);
  });

  it('does not grow with the length of a conversation', async () => {
    for (let count = 0; count < 100; count += 1) await say('a', 'كلام');
    expect(await heard('a')).toHaveLength(24);
    await say('a', 'ك'.repeat(3_999));
    expect((await heard('a')).length).toBeLessThan(24);
  });
});
