import { once } from 'node:events';
import { connect } from 'node:net';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { SPEECH_SAMPLE, startTestApp } from '../support/test-app.js';

type TestService = Awaited<ReturnType<typeof startTestApp>>;

const started: TestService[] = [];

async function start(): Promise<TestService> {
  const service = await startTestApp();
  started.push(service);
  return service;
}

afterEach(async () => {
  for (const service of started.splice(0)) await service.stop();
});

describe('field names that every object inherits', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

  it('are treated as unknown fields in JSON, forms and queries', async () => {
    const service = await start();
    const extra = NAMES.map((name) => `,"${name}":null`).join('');
    await request(service.url).post('/v1/chat').type('json').send(`{"message":"hi"${extra}}`).expect(200);
    const form = request(service.url).post('/v1/transcribe').attach('file', SPEECH_SAMPLE);
    for (const name of NAMES) form.field(name, ['', 'x']);
    await form.expect(200);
    await request(service.url)
      .get(`/v1/audio/voices?${NAMES.map((name) => `${name}=`).join('&')}`)
      .expect(200);
  });
});

describe('a form', () => {
  const send = ({ url }: TestService, path: string) => request(url).post(path).attach('file', SPEECH_SAMPLE);

  it.each(['keywords[20000000]', 'anything[4294967294]', 'a[b][c][d]'])(
    'with a field "%s", which means a huge list or a deep tree, is rejected',
    async (name) => {
      const service = await start();
      const response = await send(service, '/v1/audio/transcriptions')
        .field({ model: 'whisper-1', [name]: 'x' })
        .expect(400);
      expect(response.body.error).toMatchObject({ code: 'invalid_multipart', param: name });
    },
  );

  it('may contain lists with empty or numbered brackets', async () => {
    const service = await start();
    await send(service, '/v1/audio/transcriptions')
      .field({ model: 'whisper-1', 'keywords[]': 'قاهرة', 'languages[0]': 'ar' })
      .field('chunking_strategy[type]', 'server_vad')
      .expect(200);
  });

  it('may contain many fields or a large one, but not many large ones, because they are held in memory', async () => {
    const service = await start();
    const large = 'x'.repeat(200_000);
    await send(service, '/v1/transcribe').field({ a: large, b: large }).expect(200);
    const response = await send(service, '/v1/transcribe')
      .field({ a: large, b: large, c: large })
      .expect(400);
    expect(response.body.error).toMatchObject({ code: 'invalid_multipart', param: 'c' });
  });
});

describe('a JSON body', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const send = ({ url }: TestService, path: string, body: string) =>
    request(url).post(path).set({ 'Content-Type': 'application/json', 'Idempotency-Key': 'k' }).send(body);

  it.each([
    ['/v1/chat', '"message":"hi"'],
    ['/v1/audio/speech', '"model":"tts-1","input":"hi","voice":"alloy"'],
    ['/v1/chat/completions', '"model":"kallemni","messages":[{"role":"user","content":"hi"}]'],
  ])('at %s may have a limited depth', async (path, fields) => {
    const service = await start();
    const deep = await send(service, path, `{${fields},"x":${nested(50_000)}}`).expect(400);
    expect(deep.body.error).toMatchObject({ code: 'invalid_json' });
    await send(service, path, `{${fields},"x":${nested(50)}}`).expect(200);
  });

  it('is rejected early if it is large and eight others are in progress; small ones are accepted', async () => {
    const service = await start();
    const { hostname, port } = new URL(service.url);
    const begin = async () => {
      const socket = connect(Number(port), hostname);
      const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${8 * 2 ** 20}\r\nExpect: 100-continue\r\n\r\n`;
      socket.write(head);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      return { socket, answer: answer.toString() };
    };
    const senders = await Promise.all(Array.from({ length: 8 }, begin));
    for (const { answer } of senders) expect(answer).toMatch(/^HTTP\/1.1 100 /);

    const body = { model: 'kallemni', messages: [{ role: 'user', content: 'x'.repeat(300_000) }] };
    const complete = () => request(service.url).post('/v1/chat/completions').send(body);
    const refused = await complete().expect(429);
    expect(refused.body.error.code).toBe('too_many_large_bodies');
    expect(refused.headers).toMatchObject({ 'retry-after-ms': '2000' });
    await send(
      service,
      '/v1/chat/completions',
      JSON.stringify({ ...body, messages: [{ role: 'user' }] }),
    ).expect(200);

    for (const { socket } of senders) socket.destroy();
    await expect.poll(async () => (await complete()).status).toBe(200);
  });
});
