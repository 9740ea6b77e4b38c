import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { form, tone, VoiceApps, type Body } from '../support/voice-apps.js';

const apps = new VoiceApps();
afterEach(() => apps.remove());

describe("OpenAI's voices and consents", () => {
  async function consent(
    call: Awaited<ReturnType<VoiceApps['start']>>['call'],
    name = 'Mona',
  ): Promise<Body> {
    const fields = { name, language: 'ar-EG', recording: tone(2) };
    return (await call('POST', '/v1/audio/voice_consents', form(fields))).body;
  }

  it("have exactly OpenAI's response formats", async () => {
    const { call } = await apps.start();
    const given = await consent(call);
    expect(given).toEqual({
      object: 'audio.voice_consent',
      id: expect.stringMatching(/^cons_[0-9a-f]{32}$/) as string,
      name: 'Mona',
      language: 'ar-EG',
      created_at: expect.any(Number) as number,
    });
    const consentPath = `/v1/audio/voice_consents/${String(given['id'])}`;
    expect((await call('GET', consentPath)).body).toEqual(given);
    expect((await call('POST', consentPath, { name: 'Sara' })).body).toEqual({ ...given, name: 'Sara' });

    const fields = {
      name: 'Voice',
      audio_sample: tone(),
      consent: String(given['id']),
      type: 'audio_sample',
    };
    const made = await call('POST', '/v1/audio/voices', form(fields));
    expect([made.status, made.body]).toEqual([
      200,
      {
        object: 'audio.voice',
        id: expect.stringMatching(/^voice_/) as string,
        name: 'Voice',
        type: 'audio_sample',
        created_at: expect.any(Number) as number,
      },
    ]);
    const path = `/v1/audio/voices/${String(made.body['id'])}`;
    expect((await call('GET', path)).body).toEqual(made.body);
    expect((await call('GET', '/v1/audio/voices')).body).toEqual({
      object: 'list',
      data: [made.body],
      first_id: made.body['id'],
      last_id: made.body['id'],
      has_more: false,
    });
    expect((await call('DELETE', path)).body).toEqual({
      object: 'audio.voice.deleted',
      id: made.body['id'],
      deleted: true,
    });
    expect((await call('DELETE', consentPath)).body).toEqual({
      object: 'audio.voice_consent',
      id: given['id'],
      deleted: true,
    });
    expect([(await call('GET', path)).status, (await call('GET', consentPath)).status]).toEqual([404, 404]);
  });

  it('can be created from a recording as the whole body, with the fields in the query', async () => {
    const { url, call } = await apps.start();
    const send = async (path: string, fields: Record<string, string>): Promise<Body> => {
      const query = new URLSearchParams(fields).toString();
      const headers = { 'content-type': 'audio/wav' };
      const answer = await fetch(`${url}${path}?${query}`, { method: 'POST', headers, body: tone() });
      expect(answer.status).toBe(200);
      return (await answer.json()) as Body;
    };
    const given = await send('/v1/audio/voice_consents', { name: 'Mona', language: 'ar-EG' });
    const made = await send('/v1/audio/voices', { name: 'Voice', consent: String(given['id']) });
    expect((await call('GET', `/v1/audio/voices/${String(made['id'])}`)).body).toEqual(made);
  });

  it('show the same voices as /v1/voices; a voice keeps the proof of its consent until its deletion', async () => {
    const { call, directory } = await apps.start();
    const given = await consent(call);
    const fields = { name: 'Voice', audio_sample: tone(), consent: String(given['id']) };
    const id = String((await call('POST', '/v1/audio/voices', form(fields))).body['id']);
    await call('DELETE', `/v1/audio/voice_consents/${String(given['id'])}`);

    expect((await call('GET', `/v1/voices/${id}`)).body).toMatchObject({ consent: { by: 'Mona' } });
    expect(readdirSync(join(directory, 'consents'))).toEqual([]);
    expect(readdirSync(join(directory, 'voices', id))).toContain('consent.wav');
    await call('DELETE', `/v1/voices/${id}`);
    expect((await call('GET', '/v1/audio/voices')).body['data']).toEqual([]);
    expect(readdirSync(join(directory, 'voices'))).toEqual([]);
  });

  it('are listed page by page', async () => {
    const { call } = await apps.start();
    const ids: unknown[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await consent(call, name))['id']);
    const first = (await call('GET', '/v1/audio/voice_consents?limit=2')).body;
    expect(first).toMatchObject({ has_more: true });
    const rest = (await call('GET', `/v1/audio/voice_consents?limit=2&after=${String(first['last_id'])}`))
      .body;
    expect(rest).toMatchObject({ has_more: false, first_id: rest['last_id'] });
    const seen = [...(first['data'] as Body[]), ...(rest['data'] as Body[])].map(({ id }) => id);
    expect(seen.sort()).toEqual(ids.sort());
    const wrong = await call('GET', '/v1/audio/voice_consents?limit=0');
    expect([wrong.status, wrong.body.error?.['param']]).toEqual([400, 'limit']);
    expect((await call('GET', '/v1/audio/voices?after=nobody')).body.error?.['param']).toBe('after');
  });

  it.each<[string, string, Record<string, string | Blob>, number, string]>([
    [
      'an unknown consent',
      'voices',
      { name: 'V', consent: 'cons_1234', audio_sample: tone() },
      400,
      'consent',
    ],
    ['no consent', 'voices', { name: 'V', audio_sample: tone() }, 400, 'consent'],
    [
      'a voice by description',
      'voices',
      { name: 'V', consent: 'c', type: 'prompt', audio_sample: tone() },
      400,
      'type',
    ],
    [
      'a consent in which nobody speaks',
      'voice_consents',
      { name: 'V', language: 'ar', recording: tone(0.1) },
      400,
      'recording',
    ],
    [
      'a language that is none',
      'voice_consents',
      { name: 'V', language: '?', recording: tone() },
      400,
      'language',
    ],
    ['the wrong field', 'voices', { name: 'V', consent: 'c', file: tone() }, 400, 'audio_sample'],
    [
      'a sample over 10 MiB',
      'voices',
      { name: 'V', consent: 'c', audio_sample: new Blob([new Uint8Array(11 * 2 ** 20)]) },
      413,
      'audio_sample',
    ],
    ['no sample', 'voices', { name: 'V', consent: 'c' }, 400, 'audio_sample'],
  ])('reject %s and name the field', async (_, collection, fields, status, param) => {
    const { call } = await apps.start({}, { config: { MAX_UPLOAD_MB: 25 } });
    const refused = await call('POST', `/v1/audio/${collection}`, form(fields));
    expect([refused.status, refused.body.error?.['param']]).toEqual([status, param]);
  });

  it("use OpenAI's field name in errors of a recording", async () => {
    const { call } = await apps.start();
    const given = await consent(call);
    const fields = { name: 'V', consent: String(given['id']), audio_sample: tone(1.5) };
    const refused = await call('POST', '/v1/audio/voices', form(fields));
    expect(refused.body.error).toMatchObject({ code: 'too_little_speech', param: 'audio_sample' });
  });

  it('work with the stock SDK, which raises its own errors', async () => {
    const { url } = await apps.start();
    const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });
    const body = form({ name: 'Mona', language: 'ar-EG', recording: await toFile(tone(2), 'consent.wav') });
    const given = await client.post<Body>('/audio/voice_consents', { body });
    const sample = await toFile(tone(), 'voice.wav');
    const voice = await client.post<Body>('/audio/voices', {
      body: form({ name: 'Mona', consent: String(given['id']), audio_sample: sample }),
    });
    expect(await client.delete(`/audio/voices/${String(voice['id'])}`)).toMatchObject({ deleted: true });
    await expect(client.get(`/audio/voices/${String(voice['id'])}`)).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    const off = await apps.start({}, { config: { ENABLE_VOICE_CLONING: false } });
    const refused = new OpenAI({ apiKey: 'none', baseURL: `${off.url}/v1`, maxRetries: 0 });
    await expect(refused.post('/audio/voices', { body: { name: 'x' } })).rejects.toBeInstanceOf(
      OpenAI.PermissionDeniedError,
    );
  });
});
