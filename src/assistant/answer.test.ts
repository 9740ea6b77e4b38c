import { describe, expect, it } from 'vitest';
import { createClauseCutter } from '../egyptian/clauses/clauses.js';
import { FakeChatModel, type FakeChatReply } from '../engines/llm/fake-chat-model.js';
import { FakeTextToSpeech, Gate, type FakeSpeechOptions } from '../engines/tts/fake-text-to-speech.js';
import { createAnswer, type AnswerEvent, type AnswerRequest } from './answer.js';
import { createConversationMemory } from './conversation-memory.js';
import { createReply } from './reply.js';
import { never, speaking } from '../../test/support/speaking.js';

function start(speech: FakeSpeechOptions = {}, ...replies: FakeChatReply[]) {
  const chat = new FakeChatModel(...replies);
  const voice = new FakeTextToSpeech({ streaming: true, ...speech });
  const reply = createReply({ chat, memory: createConversationMemory({ limit: 2, minutes: 1 }) });
  const speak = { streamSpeak: speaking([voice]).streamSpeak };
  return { chat, voice, answer: createAnswer({ reply, speak, createClauseCutter }) };
}

async function eventsOf(events: AsyncIterable<AnswerEvent>): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe('an answer to a text', () => {
  it('is written and spoken, and ends with timings and warnings', async () => {
    const { answer, voice } = start({ unspoken: ['☃'] }, { steps: ['أهلا بيك يا فندم. ', '☃ عامل إيه؟'] });
    const events = await eventsOf(answer({ text: 'إزيك', speech: { speed: 1.5 } }, never));
    const [done] = events.slice(-1);
    const deltas = events.flatMap((event) => (event.type === 'delta' ? event.text : []));
    const reply = events.find((event) => event.type === 'reply');
    expect(reply?.reply).toBe(deltas.join(''));
    expect(reply?.conversation).toMatch(/^conv_/);
    const clauses = new Set(events.flatMap((event) => (event.type === 'audio' ? event.text : [])));
    expect([...clauses].join(' ')).toBe(reply?.reply);
    expect(events.filter(({ type }) => type === 'clause-end')).toHaveLength(clauses.size);
    expect(events.findIndex(({ type }) => type === 'start')).toBeLessThan(
      events.findIndex(({ type }) => type === 'audio'),
    );
    expect(events.filter(({ type }) => type === 'warnings')).toHaveLength(1);
    expect(done).toMatchObject({ type: 'done', warnings: [expect.stringContaining('☃') as unknown] });
    expect(voice.calls.every((call) => call.options.speed === 1.5)).toBe(true);
  });

  it('passes earlier messages and instructions from its plain request to the model', async () => {
    const { answer, chat } = start();
    const request: AnswerRequest = {
      text: 'وبعدين؟',
      history: [
        { role: 'user', content: 'احكي لي حكاية' },
        { role: 'assistant', content: 'كان يا ما كان' },
      ],
      instructions: 'اتكلم زي الحكواتي.',
      speech: { voice: 'default', seed: 7 },
    };
    await eventsOf(answer(structuredClone(request), never));
    const messages = chat.calls[0]?.messages ?? [];
    expect(messages[0]?.content).toMatch(/القاهرة[^]*\nاتكلم زي الحكواتي\.$/);
    expect(messages.slice(-3).map(({ content }) => content)).toEqual([
      'احكي لي حكاية',
      'كان يا ما كان',
      'وبعدين؟',
    ]);
  });

  it('stops the chat model and the speech engine when its reader leaves', async () => {
    const { answer, voice } = start(
      { script: { 'أهلا بيك يا فندم.': [10, new Gate()] } },
      {
        steps: ['أهلا بيك يا فندم. ', 'عامل إيه النهارده؟'],
      },
    );
    for await (const event of answer({ text: 'إزيك' }, never)) if (event.type === 'audio') break;
    await voice.until((calls) => calls.every(({ state }) => state !== 'running'));
    expect(voice.calls[0]?.state).toBe('aborted');
  });

  it('fails with the error of one stage and stops the other stage', async () => {
    const { answer } = start(
      { script: { 'أهلا بيك يا فندم.': [new Error('no sound today')] } },
      {
        steps: ['أهلا بيك يا فندم. ', 'عامل إيه النهارده؟'],
      },
    );
    await expect(eventsOf(answer({ text: 'إزيك' }, never))).rejects.toThrow('no sound today');
  });
});
