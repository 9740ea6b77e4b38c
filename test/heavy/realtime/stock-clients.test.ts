import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { floatToS16le } from '../../../src/audio/pcm.js';
import { until } from '../../support/until.js';
import { startTestApp, type TestService } from '../../support/test-app.js';
import { quiet, tone } from '../../realtime/live-client.js';
import { startTlsProxy } from './tls-proxy.js';

const python = fileURLToPath(new URL('../../../.cache/python-realtime/bin/python', import.meta.url));
const script = fileURLToPath(new URL('python/stock_clients.py', import.meta.url));
if (!existsSync(python))
  console.warn('The Python clients are skipped: `npm run test:realtime` makes their environment.');

const TURN = [tone(600), quiet(900)].map(floatToS16le);

let service: TestService;
beforeEach(async () => {
  service = await startTestApp({
    hears: { text: 'إزيك؟' },
    replies: [{ steps: ['أهلا ', 'بيك.'] }],
    speaks: { sampleRate: 24_000 },
  });
});
afterEach(() => service.stop());

describe('The stock client', () => {
  it('openai (npm) talks over TLS', async () => {
    const tls = await startTlsProxy(Number(new URL(service.url).port));
    const client = new OpenAI({ apiKey: 'unused', baseURL: `https://127.0.0.1:${tls.port}/v1` });
    const live = new OpenAIRealtimeWS(
      { model: 'gpt-realtime', options: { rejectUnauthorized: false } },
      client,
    );
    const errors: unknown[] = [];
    live.on('error', (error) => errors.push(error));
    const done = new Promise<OpenAI.Realtime.ResponseDoneEvent>((resolve) =>
      live.on('response.done', resolve),
    );
    await new Promise((resolve) => live.on('session.created', resolve));
    live.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['audio'] } });
    for (const bytes of TURN)
      live.send({ type: 'input_audio_buffer.append', audio: Buffer.from(bytes).toString('base64') });
    const { response } = await done;
    live.close();
    tls.close();
    expect(response.status).toBe('completed');
    expect(errors).toEqual([]);
  });

  it('@openai/agents-realtime reads every event and keeps the history in order', async () => {
    const agent = new RealtimeAgent({
      name: 'Kallemni',
      instructions: 'Answer in one sentence.',
      tools: [
        tool({
          name: 'weather',
          description: 'The weather of a city.',
          parameters: z.object({ city: z.string() }),
          execute: ({ city }) => `${city}: 30`,
        }),
      ],
    });
    const url = `${service.url.replace('http', 'ws')}/v1/realtime`;
    const session = new RealtimeSession(agent, {
      transport: new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true }),
    });
    const errors: unknown[] = [];
    const types: string[] = [];
    let audio = 0;
    session.on('error', (error) => errors.push(error));
    session.on('audio', (event) => (audio += event.data.byteLength));
    session.transport.on('*', ({ type }: { type: string }) => types.push(type));
    await session.connect({ apiKey: 'unused' });
    const done = new Promise((resolve) => session.on('agent_end', resolve));
    for (const bytes of TURN) session.sendAudio(bytes.buffer as ArrayBuffer);
    await done;
    await until(() => types.includes('conversation.item.retrieved'), 'the answer to retrieve');
    const history = session.history.map((item) => ('status' in item ? [item.type, item.status] : []));
    session.close();
    expect(errors).toEqual([]);
    expect(history).toEqual([
      ['message', 'completed'],
      ['message', 'completed'],
    ]);
    expect(audio).toBe(2 * 160);
  });

  it.skipIf(!existsSync(python)).each(['openai', 'agents'])(
    '%s (PyPI) reads every event',
    async (client) => {
      const { stdout } = await promisify(execFile)(python, [script, client, service.url], {
        timeout: 60_000,
      });
      expect(stdout.trim().split('\n').at(-1)).toBe('completed');
    },
    90_000,
  );
});
