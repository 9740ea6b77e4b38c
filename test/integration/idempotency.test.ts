import { readFileSync } from 'node:fs';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/engines/tts/fake-text-to-speech.js';
import { SPEECH_SAMPLE, startTestApp, type TestAppOptions } from '../support/test-app.js';
import { until } from '../support/until.js';

type TestService = Awaited<ReturnType<typeof startTestApp>>;

const started: TestService[] = [];
const speech = readFileSync(SPEECH_SAMPLE);

async function start(options: TestAppOptions = {}): Promise<TestService> {
  const service = await startTestApp(options);
  started.push(service);
  return service;
}

function chat({ url }: TestService, key: string, message = 'صباح الخير', accept = 'application/json') {
  return request(url).post('/v1/chat').set({ 'Idempotency-Key': key, Accept: accept }).send({ message });
}

function hear({ url }: TestService, key: string, file = speech, fields: Record<string, string> = {}) {
  return request(url)
    .post('/v1/transcribe')
    .set('Idempotency-Key', key)
    .field(fields)
    .attach('file', file, 'a.m4a');
}

afterEach(async () => {
  for (const service of started.splice(0)) await service.stop();
});

describe('Idempotency-Key', () => {
  it('answers a repetition with the stored answer of the first call', async () => {
    const service = await start();
    const first = await chat(service, 'k1').expect(200);
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const again = await chat(service, 'k1').expect(200);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.text).toBe(first.text);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(service.chat.calls).toHaveLength(1);
    await chat(service, 'k2').expect(200);
    expect(service.chat.calls).toHaveLength(2);
  });

  it('replays uploads by their content, audio bytes and event streams', async () => {
    const service = await start();
    await hear(service, 'k').expect(200);
    const again = await hear(service, 'k').expect(200);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(service.hearing.calls).toHaveLength(1);
    const speak = () =>
      request(service.url)
        .post('/v1/speak')
        .set('Idempotency-Key', 'k')
        .send({ text: 'أهلا', format: 'mp3' });
    const spoken = await speak().expect(200);
    const replayed = await speak().expect(200);
    expect(replayed.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'content-type': 'audio/mpeg',
      'x-engine': spoken.headers['x-engine'],
    });
    expect(replayed.body).toEqual(spoken.body);
    const events = await chat(service, 'e', 'أهلا', 'text/event-stream').expect(200);
    const same = await chat(service, 'e', 'أهلا', 'text/event-stream').expect(200);
    expect(same.text).toBe(events.text);
    expect(same.text).toContain('reply.done');
  });

  it('distinguishes a completion with the persona from one without', async () => {
    const { url } = await start();
    const complete = (persona: string) =>
      request(url)
        .post('/v1/chat/completions')
        .set({ 'Idempotency-Key': 'k', 'X-Kallemni-Persona': persona })
        .send({ model: 'fake-chat', messages: [{ role: 'user', content: 'أهلا' }] });
    await complete('egyptian').expect(200);
    await complete('').expect(422);
  });

  it('rejects another call with the same key: other text, audio, fields or answer format', async () => {
    const service = await start();
    await chat(service, 'k').expect(200);
    const other = await chat(service, 'k', 'مساء الخير').expect(422);
    expect(other.body.error).toMatchObject({ code: 'idempotency_key_reused' });
    await chat(service, 'k', 'صباح الخير', 'text/event-stream').expect(422);
    await hear(service, 'h').expect(200);
    await hear(service, 'h', Buffer.concat([speech, Buffer.alloc(1)])).expect(422);
    await hear(service, 'h', speech, { language: 'ar' }).expect(422);
  });

  it('belongs to one caller and one route', async () => {
    const service = await start({ config: { TRUST_PROXY: 1 } });
    await chat(service, 'k').set('X-Forwarded-For', '198.51.100.1').expect(200);
    const other = await chat(service, 'k', 'حاجة تانية').set('X-Forwarded-For', '198.51.100.2').expect(200);
    expect(other.headers['idempotent-replayed']).toBeUndefined();
    await hear(service, 'k').set('X-Forwarded-For', '198.51.100.1').expect(200);
  });

  it('makes a repetition wait for the running first call', async () => {
    const gate = new Gate();
    const service = await start({ hears: { until: gate.opened } });
    const first = hear(service, 'k').then((response) => response);
    await until(() => service.hearing.calls.length > 0, 'the first transcription');
    const second = hear(service, 'k').then((response) => response);
    await until(() => service.leftUploads().length >= 2, 'the second upload');
    gate.open();
    expect((await first).status).toBe(200);
    expect((await second).headers['idempotent-replayed']).toBe('true');
    expect((await second).text).toBe((await first).text);
    expect(service.hearing.calls).toHaveLength(1);
  });

  it('is answered even when the queue is full', async () => {
    const gate = new Gate();
    const hears = { until: undefined as Promise<void> | undefined };
    const service = await start({ hears: hears as never, config: { MAX_WAITING: 0 } });
    await hear(service, 'done').expect(200);
    hears.until = gate.opened;
    const running = hear(service, 'other').then((response) => response);
    await until(() => service.hearing.calls.length >= 2, 'the second transcription');
    await hear(service, 'new').expect(429);
    await hear(service, 'done').expect(200).expect('idempotent-replayed', 'true');
    gate.open();
    expect((await running).status).toBe(200);
  });

  it('stores nothing of a failed or aborted call', async () => {
    const service = await start({ hears: { error: new Error('broken') } });
    await hear(service, 'k').expect(500);
    const again = await hear(service, 'k').expect(500);
    expect(again.headers['idempotent-replayed']).toBeUndefined();
    expect(service.hearing.calls).toHaveLength(2);

    const gate = new Gate();
    const other = await start({ hears: { until: gate.opened } });
    const leaving = new AbortController();
    const form = new FormData();
    form.set('file', new Blob([speech]), 'a.m4a');
    const left = fetch(`${other.url}/v1/transcribe`, {
      method: 'POST',
      body: form,
      headers: { 'idempotency-key': 'k' },
      signal: leaving.signal,
    });
    await until(() => other.hearing.calls.length > 0, 'the first transcription');
    leaving.abort();
    await expect(left).rejects.toThrow();
    await until(() => other.leftUploads().length === 0, 'the removal of the uploads');
    gate.open();
    const anew = await hear(other, 'k').expect(200);
    expect(anew.headers['idempotent-replayed']).toBeUndefined();
  });

  it.each(['', 'مفتاح', 'a'.repeat(256), 'a b'])('rejects a key like "%s"', async (key) => {
    const { url } = await start();
    const response = await fetch(`${url}/v1/chat`, {
      method: 'POST',
      body: JSON.stringify({ message: 'x' }),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': encodeURI(key) === key ? key : 'a b',
      },
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: unknown }).error).toMatchObject({
      code: 'invalid_idempotency_key',
    });
  });
});
