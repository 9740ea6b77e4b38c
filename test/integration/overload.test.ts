import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/engines/tts/fake-text-to-speech.js';
import { SPEECH_SAMPLE, startTestApp, type TestAppOptions, type TestService } from '../support/test-app.js';
import { until } from '../support/until.js';

const speech = readFileSync(SPEECH_SAMPLE);
const started: TestService[] = [];
const sockets: Socket[] = [];

async function start(options: TestAppOptions): Promise<TestService> {
  const service = await startTestApp(options);
  started.push(service);
  return service;
}

function hear({ url }: TestService, path = '/v1/transcribe') {
  return request(url).post(path).attach('file', speech, 'a.m4a');
}

/** A call that announces a recording and never sends it. */
async function announce({ url }: TestService, path: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.setEncoding('utf8');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 900000\r\n\r\n`,
  );
  return socket;
}

/** One call is being transcribed, and no further call is accepted. */
async function full(): Promise<{ service: TestService; gate: Gate; running: Promise<request.Response> }> {
  const gate = new Gate();
  const service = await start({ config: { MAX_WAITING: 0 }, hears: { until: gate.opened } });
  const running = hear(service).then((response) => response);
  await until(() => service.hearing.calls.length > 0, 'the first transcription');
  return { service, gate, running };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const service of started.splice(0)) await service.stop();
});

describe('a service at its limit', () => {
  it.each(['/v1/transcribe', '/v1/voice-chat', '/v1/audio/transcriptions'])(
    'rejects %s by its headers, before the recording is sent',
    async (path) => {
      const { service, gate, running } = await full();
      const socket = await announce(service, path);
      const [answer] = (await once(socket, 'data')) as [string];
      expect(answer).toMatch(/^HTTP\/1\.1 429 /);
      expect(answer).toMatch(/\r\nRetry-After: 1\r\n/);
      expect(answer).toMatch(/\r\nretry-after-ms: \d+\r\n/);
      expect(answer).toMatch(/\r\ncurrent-concurrent-requests: 1\r\n/);
      expect(answer).toMatch(/\r\nmaximum-concurrent-requests: 1\r\n/);
      expect(service.leftUploads()).toHaveLength(1);
      gate.open();
      expect((await running).status).toBe(200);
    },
  );

  it('sends the error to a caller who sends the whole recording anyway, and accepts the next call later', async () => {
    const { service, gate, running } = await full();
    const refused = await hear(service).expect(429);
    expect(refused.body.error).toMatchObject({ type: 'rate_limit_error', code: 'queue_full' });
    gate.open();
    expect((await running).headers['maximum-concurrent-requests']).toBe('1');
    await hear(service).expect(200);
  });

  it('accepts calls again when the caller leaves', async () => {
    const gate = new Gate();
    const service = await start({ config: { MAX_WAITING: 0 }, hears: { until: gate.opened } });
    const leaving = new AbortController();
    const form = new FormData();
    form.set('file', new Blob([speech]), 'a.m4a');
    const left = fetch(`${service.url}/v1/transcribe`, {
      method: 'POST',
      body: form,
      signal: leaving.signal,
    });
    await until(() => service.hearing.calls.length > 0, 'the first transcription');
    leaving.abort();
    await expect(left).rejects.toThrow();
    await until(() => service.leftUploads().length === 0, 'the removal of the uploads');
    gate.open();
    await hear(service).expect(200);
  });
});

describe('a caller who sends slowly', () => {
  it('takes no place while the recording is being sent', async () => {
    const service = await start({ config: { MAX_WAITING: 0 } });
    await announce(service, '/v1/transcribe');
    await until(() => service.leftUploads().length > 0, 'the first upload');
    await hear(service).expect(200);
  });
});
