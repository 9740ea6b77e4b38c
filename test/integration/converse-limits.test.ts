import { openAsBlob } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { SPEECH_SAMPLE, startTestApp } from '../support/test-app.js';

let service: Awaited<ReturnType<typeof startTestApp>>;

afterEach(async () => service.stop());

describe('a recording with more words than the chat model accepts', () => {
  it('is answered by its beginning, with a warning', async () => {
    service = await startTestApp({ hears: { text: 'كلمة '.repeat(1_000).trim() } });
    const form = new FormData();
    form.set('file', await openAsBlob(SPEECH_SAMPLE), 'voice.m4a');
    const response = await fetch(`${service.url}/v1/voice-chat`, {
      method: 'POST',
      body: form,
      headers: { accept: 'application/json' },
    });
    const body = (await response.json()) as { warnings: string[]; transcript: string };
    expect(body.transcript).toHaveLength(4_999);
    expect(body.warnings.join()).toContain('first 4000 characters');
    expect(service.chat.calls[0]?.messages.at(-1)?.content).toHaveLength(4_000);
  });
});
