import { describe, expect, it } from 'vitest';
import { createClauseCutter } from '../egyptian/clauses/clauses.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import { FakeChatModel } from '../engines/llm/fake-chat-model.js';
import { createDialectGuard } from './dialect-guard.js';

const FORMAL = ['سوف ', 'أذهب ', 'الآن. ', 'هل تريد شيئاً؟'];
const EGYPTIAN = ['هروح ', 'دلوقتي ', 'أهو. ', 'عايز حاجة؟'];
const never = new AbortController().signal;

function guard(chat: ChatModel) {
  const corrections: number[] = [];
  const guarded = createDialectGuard({ chat, createClauseCutter, onCorrection: () => corrections.push(1) });
  return { guarded, corrections };
}

async function textOf(model: ChatModel): Promise<string> {
  let text = '';
  for await (const event of model.reply([{ role: 'user', content: 'x' }], never))
    if (event.type === 'delta') text += event.text;
  return text;
}

describe('the dialect guard', () => {
  it('passes an Egyptian reply on after its first clause', async () => {
    const chat = new FakeChatModel(EGYPTIAN);
    const { guarded, corrections } = guard(chat);
    expect(await textOf(guarded)).toBe(EGYPTIAN.join(''));
    expect([chat.calls.length, corrections.length]).toEqual([1, 0]);
  });

  it('drops a reply that begins formally and requests another one with a correction', async () => {
    const chat = new FakeChatModel(FORMAL, EGYPTIAN);
    const { guarded, corrections } = guard(chat);
    expect(await textOf(guarded)).toBe(EGYPTIAN.join(''));
    expect(chat.calls[0]?.state).toBe('left');
    expect(chat.calls[1]?.messages.slice(-2).map((message) => message.role)).toEqual(['assistant', 'user']);
    expect(corrections).toHaveLength(1);
  });

  it('passes the second reply on without a check', async () => {
    const chat = new FakeChatModel(FORMAL, FORMAL);
    const { guarded, corrections } = guard(chat);
    expect(await textOf(guarded)).toBe(FORMAL.join(''));
    expect(corrections).toHaveLength(1);
  });

  it('judges a reply that ends before its first clause is complete', async () => {
    const chat = new FakeChatModel(['لماذا'], ['ليه']);
    expect(await textOf(guard(chat).guarded)).toBe('ليه');
  });
});
