import { openAsBlob } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANSWER, events, STREAMS } from '../support/chat-dialects.js';
import type { Script } from '../support/fake-chat-server.js';
import { ChatKit } from '../support/openrouter-chat-kit.js';
import { readEvents } from '../support/read-events.js';
import { SPEECH_SAMPLE, startTestApp, type TestService } from '../support/test-app.js';

const MESSAGE = 'صباح الخير، عامل إيه؟';

let kit: ChatKit;
let service: TestService;
beforeEach(async () => {
  kit = await ChatKit.start();
  service = await startTestApp({
    hears: { text: MESSAGE },
    chatModel: kit.chat({ server: 'compatible' }),
    gateway: kit.gateway({ server: 'compatible' }),
  });
});
afterEach(async () => {
  await service.stop();
  await kit.close();
});

function post(path: string, body: object): Promise<Response> {
  return fetch(service.url + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
}

async function errorOf(response: Response): Promise<{ message: string; code: string }> {
  return ((await response.json()) as { error: { message: string; code: string } }).error;
}

/** A reply in pieces of two letters, so that every tag is cut. */
function inPairs(text: string): Script {
  return { parts: text.match(/.{1,2}/gsu) ?? [] };
}

describe.each([
  ['a thought in tags', '<think>The user greets me</think>\n\nأهلا بيك.'],
  ['the end of a turn', 'أهلا بيك.<end_of_turn>\n<eos>'],
  ['a channel of Gemma 4', '<|channel>thought\nThe user greets me.<channel|>أهلا بيك.<turn|>'],
  ['a thought that began in the prompt', 'The user greets me.\n</think>\n\nأهلا بيك.'],
])('%s in the text of the chat server', (_, text) => {
  it('is in none of the answer formats', async () => {
    kit.server.answer(inPairs(text), inPairs(text));
    expect(await (await post('/v1/chat', { message: MESSAGE })).json()).toMatchObject({ reply: ANSWER });
    const deltas = await readEvents(await post('/v1/chat', { message: MESSAGE, stream: true }));
    expect(deltas.map(({ data }) => (data['delta'] as string | undefined) ?? '').join('')).toBe(ANSWER);
    expect(deltas.at(-1)?.data['reply']).toBe(ANSWER);
  });

  it('is not shown, spoken or remembered by a voice chat', async () => {
    kit.server.answer(inPairs(text), inPairs(text));
    const form = new FormData();
    form.set('conversation', 'c1');
    form.set('file', await openAsBlob(SPEECH_SAMPLE), 'voice.m4a');
    const headers = { accept: 'application/json' };
    const answer = await fetch(`${service.url}/v1/voice-chat`, { method: 'POST', body: form, headers });
    expect(await answer.json()).toMatchObject({ reply: ANSWER });
    expect(JSON.stringify(service.voice.calls)).not.toMatch(/user|think|turn|channel|eos/u);

    await post('/v1/chat', { message: 'وبعدين؟', conversation: 'c1' });
    const { messages } = (await kit.server.request(1)).body;
    expect(messages.slice(-3).map(({ content }) => content)).toEqual([MESSAGE, ANSWER, 'وبعدين؟']);
  });

  it('is not in completions', async () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    };
    kit.server.answer({ contentType: 'application/json', body: JSON.stringify(whole) }, inPairs(text));
    const body = { model: 'm', messages: [{ role: 'user', content: MESSAGE }] };
    expect(await (await post('/v1/chat/completions', body)).json()).toMatchObject({
      choices: [{ message: { content: ANSWER } }],
    });
    const stream = await (await post('/v1/chat/completions', { ...body, stream: true })).text();
    const contents = [...stream.matchAll(/"content":"((?:[^"\\]|\\.)*)"/gu)].map((match) => match[1]);
    expect(contents.join('')).toBe(ANSWER);
  });
});

it.each(['mistral-parts', 'done-without-finish', 'empty-events'])(
  'an answer of the dialect %s is a reply, after one request',
  async (name) => {
    kit.server.answer(STREAMS[name] as Script, STREAMS[name] as Script);
    expect(await (await post('/v1/chat', { message: MESSAGE })).json()).toMatchObject({ reply: ANSWER });
    const body = { model: 'm', messages: [{ role: 'user', content: MESSAGE }], stream: true };
    expect(await (await post('/v1/chat/completions', body)).text()).toContain('أهلا');
    expect(kit.server.requests).toHaveLength(2);
  },
);

describe('a reply without text', () => {
  it.each<[string, Script]>([
    ['nothing', { parts: [], finishReason: 'length' }],
    ['a thought', { parts: ['<think>', 'The user greets me and I'], finishReason: 'length' }],
    [
      'a thought in its own field',
      { parts: [{ data: { choices: [{ delta: { reasoning_content: 'hm' } }] } }], finishReason: 'length' },
    ],
    [
      'a thought, by Mistral',
      events(
        'data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[]}]},"finish_reason":"model_length"}]}\n\n',
      ),
    ],
  ])('names the token limit as its cause, and is not requested again: %s', async (_, script) => {
    kit.server.answer(script);
    const response = await post('/v1/chat', { message: MESSAGE });
    expect(response.status).toBe(503);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await errorOf(response)).toMatchObject({
      code: 'chat_token_limit',
      message: expect.stringMatching(/limit of tokens \(CHAT_MAX_TOKENS=300\)/u) as unknown,
    });
    expect(kit.server.requests).toHaveLength(1);
  });
});

describe('a refusal', () => {
  it('names the data policy of the account as its cause', async () => {
    const message =
      'No endpoints found matching your data policy. Configure: https://openrouter.ai/settings/privacy';
    kit.server.answer({ status: 404, error: { message, code: 404 } });
    const response = await post('/v1/chat', { message: MESSAGE });
    expect(response.status).toBe(503);
    const { message: told } = await errorOf(response);
    expect(told).toContain('data policy');
    expect(told).not.toContain('does not have the configured model');
    expect(kit.logged).toEqual([expect.objectContaining({ failure: 'no_provider', reason: message })]);
    expect(kit.server.requests).toHaveLength(1);
  });

  it('names an address without /v1 as the likely cause', async () => {
    kit.server.answer({ status: 404, contentType: 'text/plain', body: '404 page not found' });
    const response = await post('/v1/chat', { message: MESSAGE });
    expect((await errorOf(response)).message).toMatch(/OPENAI_BASE_URL.*\/v1.*\/chat\/completions/u);
    const url = `${kit.server.baseUrl}/chat/completions`;
    expect(kit.logged).toEqual([expect.objectContaining({ failure: 'wrong_address', url })]);
    expect(kit.server.requests).toHaveLength(1);
  });

  it('is passed on with the retry time of its body, and is not retried', async () => {
    const headers = { 'X-RateLimit-Limit': '20', 'X-RateLimit-Reset': String(Date.now() + 40_000) };
    kit.server.answer({
      status: 429,
      error: { message: 'Rate limit exceeded', code: 429, metadata: { headers } },
    });
    const response = await post('/v1/chat', { message: MESSAGE });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(38);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(40);
    expect(kit.server.requests).toHaveLength(1);
  });

  it('reports a wait until tomorrow', async () => {
    const headers = { 'X-RateLimit-Reset': String(Date.now() + 7.5 * 3_600_000) };
    kit.server.answer({ status: 429, error: { message: 'free-models-per-day', metadata: { headers } } });
    const response = await post('/v1/chat', { message: MESSAGE });
    expect(response.headers.get('retry-after')).toBe('60');
    expect((await errorOf(response)).message).toContain('Try again in 8 hours.');
  });
});
