import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { Agent } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/engines/tts/fake-text-to-speech.js';
import { FakeChatServer } from '../support/fake-chat-server.js';
import { ServiceProcess } from '../support/service-process.js';

/** Log level of the line that explains why the process ends. */
const FATAL = 60;

let chat: FakeChatServer;
let service: ServiceProcess;
let noModels: string;

function start(settings: Record<string, string> = {}): ServiceProcess {
  service = new ServiceProcess({ MODEL_SOURCE: noModels, OPENAI_BASE_URL: chat.baseUrl, ...settings });
  return service;
}

function ask(): Promise<Response> {
  return fetch(`${service.url}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify({ message: 'صباح الخير' }),
    headers: { 'content-type': 'application/json' },
  });
}

beforeEach(async () => {
  noModels = mkdtempSync(join(tmpdir(), 'no-models-'));
  chat = await FakeChatServer.start();
});

afterEach(async () => {
  await service.end();
  await chat.close();
  rmSync(noModels, { recursive: true });
});

describe('the service as a process', () => {
  it('answers before any model is ready, and reports missing models with the reason', async () => {
    start();
    await service.logged('listening');
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    await service.logged('The model whisper-base is missing and could not be fetched. Next try in 30 s.');
    const ready = await fetch(`${service.url}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      models: { 'whisper-base': { state: 'failed', error: expect.any(String) } },
    });
    expect((await ask()).status).toBe(200);
    const refused = await fetch(`${service.url}/v1/transcribe`, {
      method: 'POST',
      body: Buffer.from('RIFF'),
    });
    expect(refused.status).toBeLessThan(500);
  });

  it('reports a port that is in use, and leaves no files behind', async () => {
    const first = start();
    await first.logged('listening');
    const second = start({ PORT: String(first.port) });
    try {
      expect(await second.exited).toBe(1);
      expect(second.lines.find(({ level }) => level === FATAL)?.['msg']).toBe(
        'the port cannot be opened; set PORT to a free one',
      );
      expect(second.leftFiles()).toEqual([]);
    } finally {
      await first.end();
    }
  });

  it('names HOST, not PORT, when HOST is the address of another machine', async () => {
    start({ HOST: '192.0.2.1' });
    expect(await service.exited).toBe(1);
    expect(service.lines.find(({ level }) => level === FATAL)?.['msg']).toBe(
      'HOST is not an address of this machine; set it to 0.0.0.0, :: or 127.0.0.1',
    );
  });

  it('reads .env in any encoding, and names a key that cannot work', async () => {
    const env = Buffer.from('\ufeffOPENROUTER_API_KEY=sk-\u200bor\r\n', 'utf16le');
    service = new ServiceProcess({ MODEL_SOURCE: noModels }, { '.env': env });
    expect(await service.exited).toBe(1);
    expect(service.errorOutput).toContain('OPENROUTER_API_KEY holds a zero-width space (U+200B)');
  });

  it('warns that everyone can use it, and requires keys when some are configured', async () => {
    start({ HOST: '0.0.0.0' });
    await service.logged('listening');
    const open = service.lines.filter((line) =>
      String(line['msg']).startsWith('ANYONE WHO REACHES THIS PORT'),
    );
    expect(open).toHaveLength(1);
    await service.end();

    start({ HOST: '0.0.0.0', API_KEYS: 'phone:correct-horse-battery-staple' });
    await service.logged('listening');
    expect((await ask()).status).toBe(401);
    expect((await fetch(`${service.url}/health`)).status).toBe(200);
    const known = await fetch(`${service.url}/metrics`, {
      headers: { authorization: 'Bearer correct-horse-battery-staple' },
    });
    expect(known.status).toBe(200);
    const log = JSON.stringify(service.lines);
    expect(log).not.toContain('ANYONE WHO REACHES');
    expect(log).not.toContain('correct-horse');
  });

  it('finishes running calls after a stop signal, rejects new ones, and leaves no files behind', async () => {
    const gate = new Gate();
    chat.answer({ parts: ['أهلاً ', gate.opened, 'بيك'] });
    start();
    await service.logged('listening');
    const running = ask();
    await chat.request(0);
    const idle = new Agent({ keepAlive: true });
    const waiting = request(`${service.url}/v1/chat`, {
      agent: idle,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    waiting.flushHeaders();
    await once(waiting, 'socket');
    service.signal('SIGTERM');
    await service.logged('stopping: running calls may finish');
    await expect(fetch(`${service.url}/health`)).rejects.toThrow();
    gate.open();
    waiting.destroy();
    waiting.on('error', () => undefined);
    expect(await (await running).json()).toMatchObject({ reply: 'أهلاً بيك' });
    expect(await service.exited).toBe(0);
    expect(service.leftFiles()).toEqual([]);
  });

  it('aborts running calls when the grace period is over', async () => {
    chat.answer({ parts: ['أهلاً ', new Promise(() => undefined)] });
    start({ SHUTDOWN_GRACE_SECONDS: '0' });
    await service.logged('listening');
    const running = ask();
    const received = await chat.request(0);
    service.signal('SIGTERM');
    await expect(running).rejects.toThrow();
    expect(await service.exited).toBe(0);
    expect(await received.ended).toBe('disconnected');
  });

  it('stops at once after a second signal', async () => {
    chat.answer({ parts: ['أهلاً ', new Promise(() => undefined)] });
    start();
    await service.logged('listening');
    const running = ask();
    await chat.request(0);
    service.signal('SIGTERM');
    await service.logged('stopping: running calls may finish');
    service.signal('SIGTERM');
    await expect(running).rejects.toThrow();
    expect(await service.exited).toBe(0);
  });

  it.each([
    [{ PORT: 'eighty' }, 'PORT'],
    [{ LOCAL_WHISPER_MODEL: 'enormous' }, 'enormous'],
    [{ OPENAI_BASE_URL: 'localhost:11434/v1' }, 'OPENAI_BASE_URL'],
    [{ MODEL_SOURCE: '/does/not/exist' }, '/does/not/exist'],
    [{ API_KEYS: 'phone' }, 'API_KEYS: entry 1'],
    [{ CORS_ORIGINS: 'https://example.org/page' }, 'CORS_ORIGINS'],
  ])('does not start with %o, and gives the reason in one line', async (settings, named) => {
    start(settings);
    expect(await service.exited).toBe(1);
    expect(service.errorOutput.trim().split('\n')).toHaveLength(1);
    expect(service.errorOutput).toContain(named);
  });
});
