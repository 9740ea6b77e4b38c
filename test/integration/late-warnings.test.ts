import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp } from '../support/test-app.js';

let service: Awaited<ReturnType<typeof startTestApp>>;

afterEach(async () => service.stop());

/** The second clause has a character that the voice cannot speak. The warning arises after the headers were sent. */
const TEXT = 'أهلاً بيك يا فندم في المكان ده. ☃ إزيك عامل إيه النهارده؟';

async function speak(path: string, body: object, headers: Record<string, string>) {
  service = await startTestApp({
    speaks: { unspoken: ['☃'], speed: null },
    // The normaliser would remove the character that this engine cannot speak.
    config: { NORMALISE_SPEECH: false },
  });
  return new Promise<{ head: NodeJS.Dict<string | string[]>; behind: NodeJS.Dict<string> }>(
    (resolve, reject) => {
      const call = httpRequest(
        service.url + path,
        { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
        (response) =>
          response.resume().once('end', () => resolve({ head: response.headers, behind: response.trailers })),
      );
      call.once('error', reject).end(JSON.stringify(body));
    },
  );
}

const calls = [
  ['/v1/speak', { text: TEXT, format: 'pcm', speed: 2 }],
  ['/v1/audio/speech', { model: 'tts-1', voice: 'alloy', input: TEXT, response_format: 'pcm', speed: 2 }],
  ['/v1/audio/speech', { model: 'tts-1', voice: 'alloy', input: TEXT, speed: 2, stream_format: 'sse' }],
] as const;

describe('a warning that arises after the headers', () => {
  it.each(calls)(
    'of %s is sent in a trailer with all warnings, if the caller reads trailers',
    async (...call) => {
      const { head, behind } = await speak(...call, { te: 'trailers' });
      expect(head['trailer']).toBe('X-Warning');
      expect(head['x-warning']).toContain('one speed only');
      expect(decodeURIComponent(String(head['x-warning']))).not.toContain('no sound for these characters');
      const warnings = decodeURIComponent(behind['x-warning'] ?? '');
      expect(warnings).toContain('one speed only');
      expect(warnings).toMatch(/no sound for these characters.*☃/);
    },
  );

  it.each(calls)('of %s is not sent to other callers', async (...call) => {
    const { head, behind } = await speak(...call, {});
    expect(head['trailer']).toBeUndefined();
    expect(behind).toEqual({});
  });
});
