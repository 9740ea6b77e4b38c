import { existsSync, mkdtempSync, openAsBlob, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeWav } from '../../src/audio/wav.js';
import { FakeVoiceEncoder } from '../../src/engines/tts/fake-voice-encoder.js';
import { unavailable } from '../../src/lib/errors.js';
import { SPEECH_SAMPLE, startTestApp, type TestAppOptions } from '../support/test-app.js';

type Body = Record<string, unknown> & { error?: Record<string, unknown> };

const folders: string[] = [];
const apps: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A service that can clone, its voices in `directory`. */
async function start(voices: TestAppOptions['voices'] = {}, options: TestAppOptions = {}) {
  const directory = voices.directory ?? mkdtempSync(join(tmpdir(), 'voices-test-'));
  folders.push(directory);
  const encoder = new FakeVoiceEncoder();
  const app = await startTestApp({ ...options, voices: { encoder, ...voices, directory } });
  apps.push(app);
  const call = async (method: string, path: string, body?: FormData | object) => {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(app.url + path, {
      method,
      ...(body && { body: json ? JSON.stringify(body) : body }),
      ...(json && { headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  };
  return { ...app, directory, encoder, call };
}

/** Six seconds of a tone between two silences, which the fake detector takes for speech. */
function tone(seconds = 6): Blob {
  const rate = 16_000;
  const samples = Float32Array.from({ length: (seconds + 2) * rate }, (_, index) =>
    index < rate || index >= (seconds + 1) * rate ? 0 : 0.2 * Math.sin((2 * Math.PI * 220 * index) / rate),
  );
  return new Blob([new Uint8Array(encodeWav(samples, rate))]);
}

function form(fields: Record<string, string | Blob>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

const mona = { name: 'Mona', consent: 'true', consent_by: 'Mona Zaki' };

describe('/v1/voices', () => {
  it('makes a voice, lists, renames and deletes it; nothing of it is left', async () => {
    const { call, directory, leftUploads } = await start();
    const made = await call('POST', '/v1/voices', form({ ...mona, file: tone() }));
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^voice_[0-9a-f]{32}$/) as string,
      name: 'Mona',
      type: 'cloned',
      created_at: expect.any(Number) as number,
      quality: {
        speech_seconds: expect.closeTo(6, 0) as number,
        snr_db: expect.any(Number) as number,
        clipping_percent: 0,
        loudness_db: expect.closeTo(-17, 0) as number,
      },
      consent: {
        by: 'Mona Zaki',
        text: 'Mona Zaki agrees that this recording is used to make a copy of this voice.',
        at: expect.any(Number) as number,
      },
      warnings: [],
    });
    const path = made.headers.get('location') ?? '';
    expect(path).toBe(`/v1/voices/${String(made.body['id'])}`);

    const { warnings: _, ...voice } = made.body;
    expect((await call('GET', path)).body).toEqual(voice);
    const listed = (await call('GET', '/v1/voices')).body['data'] as Body[];
    expect(listed.at(-1)).toEqual(voice);
    expect(listed[0]).toMatchObject({ type: 'built_in', id: 'default' });
    expect((await call('PATCH', path, { name: '  منى ' })).body).toEqual({ ...voice, name: 'منى' });
    expect((await call('GET', path)).body['name']).toBe('منى');

    expect((await call('DELETE', path)).body).toEqual({ id: voice['id'], deleted: true });
    for (const method of ['GET', 'DELETE']) {
      const gone = await call(method, path);
      expect([gone.status, gone.body.error?.['code']]).toEqual([404, 'voice_not_found']);
    }
    expect((await call('PATCH', path, { name: 'x' })).status).toBe(404);
    expect(readdirSync(join(directory, 'voices'))).toEqual([]);
    expect(leftUploads()).toEqual([]);
  });

  it('keeps what was consented to, and takes a phone’s m4a as the whole body', async () => {
    const { url, directory } = await start();
    const query = new URLSearchParams({ ...mona, consent_text: 'Only for the family.' });
    const response = await fetch(`${url}/v1/voices?${query.toString()}`, {
      method: 'POST',
      body: await openAsBlob(SPEECH_SAMPLE),
      headers: { 'content-type': 'audio/mp4' },
    });
    const body = (await response.json()) as Body;
    expect([response.status, body['consent']]).toEqual([
      201,
      { by: 'Mona Zaki', text: 'Only for the family.', at: expect.any(Number) as number },
    ]);
    const record = readFileSync(join(directory, 'voices', String(body['id']), 'record.json'), 'utf8');
    expect(JSON.parse(record)).toMatchObject({ consent: { text: 'Only for the family.' } });
  });

  it.each<[string, Record<string, string | Blob>, number, string, string]>([
    ['no name', { consent: 'true', consent_by: 'M', file: tone() }, 400, 'missing_field', 'name'],
    ['no consent', { name: 'M', consent_by: 'M', file: tone() }, 400, 'missing_field', 'consent'],
    ['a consent that is none', { ...mona, consent: 'false', file: tone() }, 400, 'invalid_value', 'consent'],
    ['nobody who consents', { name: 'M', consent: 'true', file: tone() }, 400, 'missing_field', 'consent_by'],
    ['a name of blanks', { ...mona, name: ' ', file: tone() }, 400, 'invalid_value', 'name'],
    [
      'a name with control characters',
      { ...mona, name: 'a\u0000b', file: tone() },
      400,
      'invalid_value',
      'name',
    ],
    ['no recording', mona, 400, 'missing_file', 'file'],
    ['a recording that is too short', { ...mona, file: tone(0.5) }, 400, 'audio_too_short', 'file'],
    ['too little speech', { ...mona, file: tone(1.5) }, 400, 'too_little_speech', 'file'],
    ['too long a recording', { ...mona, file: tone(61) }, 413, 'audio_too_long', 'file'],
    ['no audio', { ...mona, file: new Blob(['hello']) }, 400, 'unsupported_audio', 'file'],
  ])('refuses %s', async (_, fields, status, code, param) => {
    const { call, directory } = await start({}, { maxBytes: 4 * 2 ** 20 });
    const refused = await call('POST', '/v1/voices', form(fields));
    expect([refused.status, refused.body.error?.['code'], refused.body.error?.['param']]).toEqual([
      status,
      code,
      param,
    ]);
    expect(existsSync(join(directory, 'voices'))).toBe(false);
  });

  it('leaves built-in voices alone', async () => {
    const { call } = await start();
    expect((await call('GET', '/v1/voices/default')).body).toMatchObject({ type: 'built_in' });
    expect((await call('DELETE', '/v1/voices/default')).body.error?.['code']).toBe('built_in_voice');
    expect((await call('PATCH', '/v1/voices/default', { name: 'x' })).status).toBe(400);
  });

  it.each(['..%2F..%2Fetc', '%2e%2e', `voice_${'0'.repeat(32)}`, 'voice_x', 'x'.repeat(3_000)])(
    'has no voice %s',
    async (id) => {
      const { call } = await start();
      for (const method of ['GET', 'DELETE'])
        expect((await call(method, `/v1/voices/${id}`)).status).toBe(404);
    },
  );

  it('keeps voices over a restart', async () => {
    const first = await start();
    const made = await first.call('POST', '/v1/voices', form({ ...mona, file: tone() }));
    await first.stop();
    apps.length = 0;
    const second = await start({ directory: first.directory });
    expect((await second.call('GET', `/v1/voices/${String(made.body['id'])}`)).body['name']).toBe('Mona');
  });

  it('answers 403 where new voices are turned off, before the upload is read; old ones stay', async () => {
    const { call } = await start({ enabled: false });
    for (const path of ['/v1/voices', '/v1/audio/voices', '/v1/audio/voice_consents']) {
      const refused = await call('POST', path, form({ file: tone() }));
      expect(refused.status).toBe(403);
      expect(refused.body.error).toMatchObject({ code: 'voice_cloning_disabled', type: 'permission_error' });
    }
    expect((await call('GET', '/v1/voices')).status).toBe(200);
  });

  it('answers 501 where nothing can clone, and clients need not try again', async () => {
    const app = await startTestApp();
    apps.push(app);
    const response = await fetch(`${app.url}/v1/voices`, { method: 'POST', body: form({ file: tone() }) });
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([501, 'false']);
    expect(((await response.json()) as Body).error?.['code']).toBe('voice_cloning_unavailable');
  });

  it('answers as the engine says while its model is on its way', async () => {
    const { call, encoder } = await start();
    encoder.refused = unavailable('The model is on its way.', 3_000);
    const refused = await call('POST', '/v1/voices', form({ ...mona, file: tone() }));
    expect([refused.status, refused.headers.get('retry-after-ms')]).toEqual([503, '3000']);
  });
});

describe("OpenAI's voices and consents", () => {
  async function consent(call: Awaited<ReturnType<typeof start>>['call'], name = 'Mona'): Promise<Body> {
    const fields = { name, language: 'ar-EG', recording: tone(2) };
    return (await call('POST', '/v1/audio/voice_consents', form(fields))).body;
  }

  it('have exactly its shapes', async () => {
    const { call } = await start();
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

  it('show the same voices as ours; a voice keeps the proof of its consent until it goes', async () => {
    const { call, directory } = await start();
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

  it('come page by page', async () => {
    const { call } = await start();
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
  ])('refuse %s, by the name of the field', async (_, collection, fields, status, param) => {
    const { call } = await start({}, { maxBytes: 25 * 2 ** 20 });
    const refused = await call('POST', `/v1/audio/${collection}`, form(fields));
    expect([refused.status, refused.body.error?.['param']]).toEqual([status, param]);
  });

  it('name the field of OpenAI in what is wrong with a recording', async () => {
    const { call } = await start();
    const given = await consent(call);
    const fields = { name: 'V', consent: String(given['id']), audio_sample: tone(1.5) };
    const refused = await call('POST', '/v1/audio/voices', form(fields));
    expect(refused.body.error).toMatchObject({ code: 'too_little_speech', param: 'audio_sample' });
  });

  it('serve the stock SDK, which raises its own errors', async () => {
    const { url } = await start();
    const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });
    const body = form({ name: 'Mona', language: 'ar-EG', recording: await toFile(tone(2), 'consent.wav') });
    const given = await client.post<Body, Body>('/audio/voice_consents', { body });
    const sample = await toFile(tone(), 'voice.wav');
    const voice = await client.post<Body, Body>('/audio/voices', {
      body: form({ name: 'Mona', consent: String(given['id']), audio_sample: sample }),
    });
    expect(await client.delete(`/audio/voices/${String(voice['id'])}`)).toMatchObject({ deleted: true });
    await expect(client.get(`/audio/voices/${String(voice['id'])}`)).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    const off = await start({ enabled: false });
    const refused = new OpenAI({ apiKey: 'none', baseURL: `${off.url}/v1`, maxRetries: 0 });
    await expect(refused.post('/audio/voices', { body: { name: 'x' } })).rejects.toBeInstanceOf(
      OpenAI.PermissionDeniedError,
    );
  });
});
