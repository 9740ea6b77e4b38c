import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from '../../src/engines/tts/fake-text-to-speech.js';
import { startTestApp, type TestAppOptions, type TestService } from '../support/test-app.js';

const RATE = 24_000;
const FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'];
const started: TestService[] = [];

afterEach(async () => {
  for (const service of started.splice(0)) await service.stop();
});

/**
 * A service whose voice fails with `error` when `gate` opens, after 20 s of audio. By then every encoder has sent some
 * bytes.
 */
async function startFailing(gate: Gate, error: Error): Promise<TestService> {
  const speaks: TestAppOptions['speaks'] = {
    sampleRate: RATE,
    streaming: true,
    script: { صباح: [...Array.from({ length: 20 }, () => RATE), gate, error] },
  };
  const service = await startTestApp({ speaks });
  started.push(service);
  return service;
}

async function speak(service: TestService, format: string): Promise<IncomingMessage> {
  const call = request(`${service.url}/v1/speak`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  call.end(JSON.stringify({ text: 'صباح', format }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return response;
}

/** Reads everything. `afterFirst` runs when the first bytes arrive. */
async function readAll(response: IncomingMessage, afterFirst: () => void): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) {
    if (bytes === 0) afterFirst();
    bytes += (chunk as Buffer).length;
  }
  return bytes;
}

describe('an error after audio has been sent', () => {
  it.each(FORMATS)(
    'closes the connection of %s, so that clients notice the incomplete file',
    async (format) => {
      const gate = new Gate();
      const service = await startFailing(gate, new Error('the voice broke'));
      const response = await speak(service, format);
      expect(response.statusCode).toBe(200);
      await expect(readAll(response, () => gate.open())).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(response.complete).toBe(false);
    },
  );

  it.each(FORMATS)('does not close the connection of %s that ends normally', async (format) => {
    const service = await startTestApp();
    started.push(service);
    const response = await speak(service, format);
    expect(await readAll(response, () => undefined)).toBeGreaterThan(0);
    expect(response.complete).toBe(true);
  });
});
