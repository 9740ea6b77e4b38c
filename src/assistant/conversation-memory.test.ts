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

const say = (conversation: string | undefined, message: string): string => {
  const turn = memory.begin(conversation);
  turn.remember(message, `${message}؟`);
  return turn.conversation;
};
const heard = (conversation: string): string[] =>
  memory.begin(conversation).history.map(({ role, content }) => `${role}: ${content}`);

describe('a conversation', () => {
  it('remembers its turns in order', () => {
    const id = say(undefined, 'أول');
    say(id, 'تاني');
    expect(heard(id)).toEqual(['user: أول', 'assistant: أول؟', 'user: تاني', 'assistant: تاني؟']);
  });

  it('has an id that cannot be guessed, or the one its caller chose', () => {
    expect(newConversationId()).toMatch(/^conv_[\w-]{22}$/u);
    expect(memory.begin().conversation).not.toBe(memory.begin().conversation);
    expect(memory.begin('my-phone_1').conversation).toBe('my-phone_1');
  });

  it.each(['', 'a'.repeat(65), 'has space', 'منى', '../x'])('refuses %j as an id', (id) => {
    expect(() => memory.begin(id)).toThrow(expect.objectContaining({ status: 400, param: 'conversation' }));
  });

  it('keeps nothing of a turn that was not completed', () => {
    const id = say(undefined, 'أول');
    memory.begin(id);
    expect(heard(id)).toHaveLength(2);
  });

  it('goes on from a history that a caller gives, instead of what was remembered', () => {
    const id = say(undefined, 'قديم');
    const turn = memory.begin(id, [
      { role: 'user', content: 'من عندي' },
      { role: 'assistant', content: 'ماشي' },
    ]);
    expect(turn.history).toHaveLength(2);
    turn.remember('جديد', 'تمام');
    expect(heard(id)).toEqual(['user: من عندي', 'assistant: ماشي', 'user: جديد', 'assistant: تمام']);
  });

  it('keeps turns that overlap whole, in the order of their ends', () => {
    const [first, second] = [memory.begin('c'), memory.begin('c')];
    second.remember('تاني', 'ب');
    first.remember('أول', 'أ');
    expect(heard('c')).toEqual(['user: تاني', 'assistant: ب', 'user: أول', 'assistant: أ']);
  });
});

describe('the memory', () => {
  it('lets go of the conversation that was silent longest when there are too many', () => {
    for (const id of ['a', 'b', 'a', 'c']) say(id, 'كلام');
    expect([heard('a').length, heard('b').length, heard('c').length]).toEqual([4, 0, 2]);
  });

  it('lets go of a conversation some time after its last message', () => {
    say('a', 'كلام');
    clock.advance(59 * MINUTE);
    say('a', 'كمان');
    clock.advance(59 * MINUTE);
    expect(heard('a')).toHaveLength(4);
    clock.advance(59 * MINUTE);
    expect(heard('a'), 'a message counts even when it got no answer').toHaveLength(4);
    clock.advance(61 * MINUTE);
    expect(heard('a')).toHaveLength(0);
  });

  it('takes in a turn that ends after its conversation was let go, with what that had known', () => {
    say('a', 'كلام');
    const turn = memory.begin('a');
    say('b', 'كلام');
    say('c', 'كلام');
    turn.remember('كمان', 'ماشي');
    expect(heard('a')).toHaveLength(4);
  });

  it('does not grow with the length of a conversation', () => {
    for (let count = 0; count < 100; count += 1) say('a', 'كلام');
    expect(heard('a')).toHaveLength(24);
    say('a', 'ك'.repeat(3_999));
    expect(heard('a').length).toBeLessThan(24);
  });
});
