import { describe, expect, it } from 'vitest';
import type { ChatModel } from '../engines/llm/chat-model.js';
import { FakeChatModel, type FakeChatReply, type FakeChatStep } from '../engines/llm/fake-chat-model.js';
import type { AppError } from '../lib/errors.js';
import { FakeClock } from '../lib/fake-clock.js';
import { createConversationMemory } from './conversation-memory.js';
import { egyptianPersona } from './persona.js';
import { createReply, type Reply, type ReplyEvent, type ReplyRequest } from './reply.js';

const never = new AbortController().signal;

function assistant(...replies: (FakeChatReply | readonly FakeChatStep[])[]) {
  const chat = new FakeChatModel(...replies);
  const clock = new FakeClock();
  const memory = createConversationMemory({ limit: 10, minutes: 60 });
  const reply = createReply({ chat, memory, clock, now: () => new Date('2026-11-21T13:30:00Z') });
  return { chat, reply };
}

async function collect(events: AsyncIterable<ReplyEvent>): Promise<ReplyEvent[]> {
  const all: ReplyEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function doneOf(reply: Reply, request: ReplyRequest): Promise<Extract<ReplyEvent, { type: 'done' }>> {
  const last = (await collect(reply(request, never))).at(-1);
  return last?.type === 'done' ? last : expect.unreachable('a reply ends with done');
}

const failureOf = async (reply: Reply, request: ReplyRequest): Promise<AppError> =>
  collect(reply(request, never)).then(
    () => expect.unreachable('the reply should have failed'),
    (error: unknown) => error as AppError,
  );

describe('a reply', () => {
  it('is passed on while it is written and given whole at the end', async () => {
    const usage = { inputTokens: 9, outputTokens: 3 };
    const { reply } = assistant({
      steps: ['أنا ', 'تمام.'],
      model: 'gemma',
      usage,
      warnings: ['a fallback'],
    });
    expect(await collect(reply({ message: 'إزيك؟', conversation: 'c1' }, never))).toEqual([
      { type: 'delta', text: 'أنا ' },
      { type: 'delta', text: 'تمام.' },
      {
        type: 'done',
        reply: 'أنا تمام.',
        conversation: 'c1',
        model: 'gemma',
        usage: { input_tokens: 9, output_tokens: 3 },
        warnings: ['a fallback'],
        timings: { first_token_ms: 0, reply_ms: 0 },
      },
    ]);
  });

  it('is requested with the persona and the message', async () => {
    const { chat, reply } = assistant();
    await doneOf(reply, { message: 'إزيك؟' });
    const messages = chat.calls[0]?.messages;
    expect(messages?.[0]).toEqual({ role: 'system', content: expect.stringContaining('مصرية') });
    expect(messages?.at(-1)).toEqual({ role: 'user', content: 'إزيك؟' });
  });

  it('has timings: until its first visible letter, and in total', async () => {
    const clock = new FakeClock();
    const chat: ChatModel = {
      id: 'slow',
      async *reply() {
        for (const [ms, text] of [
          [20, '\n'],
          [5, 'أول '],
          [40, 'آخر'],
        ] as const) {
          clock.advance(ms);
          yield { type: 'delta', text };
        }
        yield { type: 'done', model: 'slow', finishReason: 'stop', warnings: [] };
      },
    };
    const reply = createReply({ chat, memory: createConversationMemory({ limit: 1, minutes: 1 }), clock });
    expect((await doneOf(reply, { message: 'إزيك؟' })).timings).toEqual({ first_token_ms: 25, reply_ms: 65 });
  });

  it('loses only leading white space', async () => {
    const { reply } = assistant(['\n', ' \n', ' أهلا', ' \n', ' بيك ']);
    expect((await doneOf(reply, { message: 'إزيك؟' })).reply).toBe('أهلا \n بيك ');
  });
});

describe('a conversation', () => {
  it('passes the earlier messages to the model', async () => {
    const { chat, reply } = assistant(['أهلا يا منى.'], ['اسمك منى.']);
    const { conversation } = await doneOf(reply, { message: 'أنا منى' });
    expect(conversation).toMatch(/^conv_/u);
    await doneOf(reply, { message: 'اسمي إيه؟', conversation });
    expect(chat.calls[1]?.messages.slice(-3)).toEqual([
      { role: 'user', content: 'أنا منى' },
      { role: 'assistant', content: 'أهلا يا منى.' },
      { role: 'user', content: 'اسمي إيه؟' },
    ]);
  });

  it("follows the caller's history instead of the memory", async () => {
    const { chat, reply } = assistant();
    await doneOf(reply, { message: 'قديم', conversation: 'c' });
    await doneOf(reply, { message: 'جديد', conversation: 'c', history: [] });
    expect(chat.calls[1]?.messages.map(({ content }) => content)).not.toContain('قديم');
  });

  it('warns only when part of the history was left out', async () => {
    const { reply } = assistant();
    const turns = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => ({
        role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
        content: 'ك'.repeat(length),
      }));
    expect((await doneOf(reply, { message: 'إزيك؟', history: turns(4, 3_000) })).warnings).toEqual([
      expect.stringContaining('2 oldest messages'),
    ]);
    expect((await doneOf(reply, { message: 'إزيك؟', history: turns(4, 10) })).warnings).toEqual([]);
  });

  it.each<[string, FakeChatStep]>([
    ['fails', new Error('cut')],
    ['is left', new Promise(() => undefined)],
  ])('forgets a turn that %s in the middle', async (_, step) => {
    const { chat, reply } = assistant(['نص ', step], ['تمام.']);
    const controller = new AbortController();
    const turn = async (): Promise<void> => {
      for await (const _ of reply({ message: 'ضايع', conversation: 'c' }, controller.signal)) {
        if (step instanceof Promise) queueMicrotask(() => controller.abort(new Error('hung up')));
      }
    };
    await expect(turn()).rejects.toThrow(/cut|hung up/u);
    await doneOf(reply, { message: 'إزيك؟', conversation: 'c' });
    expect(chat.calls[1]?.messages).toHaveLength(egyptianPersona.examples.length + 2);
  });

  it('stops the model when the caller leaves the loop', async () => {
    const { chat, reply } = assistant(['نص ', new Promise(() => undefined)]);
    for await (const _ of reply({ message: 'إزيك؟' }, never)) break;
    expect(await chat.calls[0]?.ended).toBe('left');
  });
});

describe('a model that says nothing', () => {
  it('is requested once more', async () => {
    const { chat, reply } = assistant([' \n'], ['تمام.']);
    expect((await doneOf(reply, { message: 'إزيك؟' })).reply).toBe('تمام.');
    expect(chat.calls).toHaveLength(2);
  });

  it('is a retryable error when it says nothing twice', async () => {
    const { chat, reply } = assistant([]);
    expect(await failureOf(reply, { message: 'إزيك؟' })).toMatchObject({ status: 503, code: 'chat_empty' });
    expect(chat.calls).toHaveLength(2);
  });

  it("because of its content filter is the message's fault, and is not asked again", async () => {
    const { chat, reply } = assistant({ steps: [], finishReason: 'content_filter' });
    expect(await failureOf(reply, { message: 'إزيك؟' })).toMatchObject({
      status: 400,
      code: 'content_filter',
    });
    expect(chat.calls).toHaveLength(1);
  });
});

describe('a request', () => {
  const message = 'إزيك؟';
  const long = 'ك'.repeat(4_001);
  it.each<[string, ReplyRequest, string]>([
    ['no message', { message: '' }, 'message'],
    ['a message of white space', { message: ' \n' }, 'message'],
    ['a message too long', { message: long }, 'message'],
    ['a bad id', { message, conversation: 'a b' }, 'conversation'],
    ['too much history', { message, history: Array(41).fill({ role: 'user', content: 'أ' }) }, 'history'],
    ['a long turn in it', { message, history: [{ role: 'user', content: long }] }, 'history[0].content'],
  ])('with %s is rejected before the model is called', async (_, request, param) => {
    const { chat, reply } = assistant();
    expect(await failureOf(reply, request)).toMatchObject({ status: 400, param });
    expect(chat.calls).toHaveLength(0);
  });

  it('at its limits is answered', async () => {
    const { reply } = assistant();
    const history = Array.from({ length: 40 }, () => ({ role: 'user' as const, content: 'أ' }));
    expect((await doneOf(reply, { message: 'ك'.repeat(4_000), history })).reply).not.toBe('');
  });
});

describe('a message typed in Franco', () => {
  const franco = { toArabicScript: (message: string) => message.replace('ezayak', 'إزيك') };

  it.each([
    ['ezayak', 'إزيك', 'إزيك'],
    ['إزيك', 'إزيك', undefined],
  ])(
    '%s reaches the model as %s, and the caller receives the converted text',
    async (message, given, understood) => {
      const chat = new FakeChatModel(['تمام']);
      const reply = createReply({
        chat,
        memory: createConversationMemory({ limit: 1, minutes: 1 }),
        ...franco,
      });
      const events: ReplyEvent[] = [];
      for await (const event of reply({ message }, new AbortController().signal)) events.push(event);
      expect(chat.calls[0]?.messages.at(-1)?.content).toBe(given);
      expect(events.at(-1)).toMatchObject({ type: 'done', ...(understood ? { understood } : {}) });
      expect('understood' in (events.at(-1) as object)).toBe(understood !== undefined);
    },
  );
});
