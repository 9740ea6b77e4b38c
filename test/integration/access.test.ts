import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestApp, SPEECH_SAMPLE, type TestAppOptions } from '../support/test-app.js';

const started: ReturnType<typeof createTestApp>[] = [];

function start(access: TestAppOptions['access'] = {}, options: TestAppOptions = {}) {
  const parts = createTestApp({ ...options, access });
  started.push(parts);
  return parts;
}

const key = (name: string, secret: string) => ({ name, hash: createHash('sha256').update(secret).digest() });
const keys = [key('app', 'secret-of-the-app'), key('phone', 'secret-of-the-phone')];

function say(app: ReturnType<typeof start>['app'], secret?: string) {
  const call = request(app).post('/v1/speak').send({ text: 'صباح الخير', format: 'wav' });
  return secret === undefined ? call : call.set('Authorization', `Bearer ${secret}`);
}

afterEach(() => {
  for (const parts of started.splice(0)) parts.remove();
});

describe('keys', () => {
  it('let their owners in and nobody else, with the body that OpenAI sends', async () => {
    const { app } = start({ keys });
    await say(app, 'secret-of-the-app').expect(200);
    await say(app, 'secret-of-the-phone').expect(200);
    const wrong = await say(app, 'secret-of-nobody').expect(401);
    expect(wrong.body.error).toEqual({
      message: expect.any(String),
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    });
    expect(JSON.stringify(wrong.body)).not.toContain('secret-of-nobody');
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="kallemni", error="invalid_token"');
    const none = await say(app).expect(401);
    expect(none.headers['www-authenticate']).toBe('Bearer realm="kallemni"');
    expect(none.headers['x-request-id']).toMatch(/^req_/);
  });

  it.each(['Basic c2VjcmV0LW9mLXRoZS1hcHA=', 'secret-of-the-app', 'Bearer', 'Bearer  ', 'Bearer a b'])(
    'are taken as a bearer token only, not as "%s"',
    async (authorization) => {
      const { app } = start({ keys });
      await request(app).get('/v1/models').set('Authorization', authorization).expect(401);
    },
  );

  it("may come as x-api-key, next to a key that is a gateway's own", async () => {
    const { app } = start({ keys });
    const models = () => request(app).get('/v1/models');
    await models().set('x-api-key', 'secret-of-the-app').expect(200);
    await models().set('x-api-key', 'secret-of-the-app').set('Authorization', 'Bearer of-runpod').expect(200);
    await models().set('x-api-key', 'of-nobody').set('Authorization', 'Bearer secret-of-the-app').expect(200);
    await models().set('x-api-key', '').expect(401);
    const wrong = await models().set('x-api-key', 'secret-of-nobody').expect(401);
    expect(wrong.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(wrong.body.error).toMatchObject({ code: 'invalid_api_key' });
    expect(JSON.stringify(wrong.body)).not.toContain('secret-of-nobody');
  });

  it('are asked for before anything else is told, but not by probes', async () => {
    const { app } = start({ keys });
    for (const probe of ['/health', '/ready', '/ping']) await request(app).get(probe).expect(200);
    await request(app).get('/metrics').expect(401);
    await request(app).get('/metrics').set('Authorization', 'Bearer secret-of-the-app').expect(200);
    await request(app).get('/v1/nothing').expect(401);
  });

  it('do not make a caller upload in vain: the answer comes while the body is on its way', async () => {
    const { app, leftUploads } = start({ keys });
    const server = createServer(app).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/v1/transcribe`, {
      method: 'POST',
      body: createReadStream(SPEECH_SAMPLE),
      headers: { 'content-type': 'audio/mp4' },
      duplex: 'half',
    });
    expect(response.status).toBe(401);
    expect(leftUploads()).toEqual([]);
    server.close();
  });
});

describe('rate limits', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('count calls per key, tell what is left, and refuse with the time to wait', async () => {
    const { app } = start({ keys, limits: { requests: 2, audioSeconds: 0 } });
    const first = await say(app, 'secret-of-the-app').expect(200);
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '1m0s',
    });
    vi.advanceTimersByTime(19_500);
    await say(app, 'secret-of-the-app').expect(200);
    const refused = await say(app, 'secret-of-the-app').expect(429);
    expect(refused.body.error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    expect(refused.headers).toMatchObject({
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '40.5s',
      'retry-after': '41',
      'retry-after-ms': '40500',
    });
    await say(app, 'secret-of-the-phone').expect(200);
    vi.advanceTimersByTime(40_500);
    await say(app, 'secret-of-the-app').expect(200);
  });

  it('count by address where there is no key, wrong guesses too, and probes for nothing', async () => {
    const { app } = start({ keys, limits: { requests: 2, audioSeconds: 0 } });
    for (let i = 0; i < 5; i++) await request(app).get('/health').expect(200);
    await say(app, 'guess-1').expect(401);
    await say(app, 'guess-2').expect(401);
    await say(app, 'guess-3').expect(429);
    await say(app, 'secret-of-the-app').expect(200);
  });

  it('believe as many proxies about the address as there are', async () => {
    const { app } = start({ trustProxy: 1, limits: { requests: 1, audioSeconds: 0 } });
    const from = (forwarded: string) => say(app).set('X-Forwarded-For', forwarded);
    await from('198.51.100.1').expect(200);
    await from('198.51.100.2').expect(200);
    await from('203.0.113.9, 198.51.100.1').expect(429);
    const direct = start({ limits: { requests: 1, audioSeconds: 0 } });
    await say(direct.app).set('X-Forwarded-For', '198.51.100.1').expect(200);
    await say(direct.app).set('X-Forwarded-For', '198.51.100.2').expect(429);
  });

  it('charge the seconds of a recording once they are known, and refuse the next recording, but nothing else', async () => {
    const { app } = start({ limits: { requests: 0, audioSeconds: 7 } });
    const hear = () => request(app).post('/v1/transcribe').attach('file', SPEECH_SAMPLE);
    const first = await hear().expect(200);
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-audio-seconds': '7',
      'x-ratelimit-remaining-audio-seconds': '1',
    });
    await hear().expect(200);
    const refused = await hear().expect(429);
    expect(refused.body.error.code).toBe('rate_limit_exceeded');
    expect(Number(refused.headers['retry-after-ms'])).toBeGreaterThan(0);
    expect(refused.headers['x-ratelimit-remaining-audio-seconds']).toBe('0');
    await say(app).expect(200);
  });
});

describe('browsers', () => {
  const origin = 'https://app.example.org';

  it('may call from the pages that are listed, and read our headers', async () => {
    const { app } = start({ keys, origins: [origin] });
    const preflight = await request(app)
      .options('/v1/transcribe')
      .set({
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,idempotency-key',
      })
      .expect(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(origin);
    expect(preflight.headers['access-control-allow-headers']).toBe('authorization,idempotency-key');
    const call = await say(app, 'secret-of-the-app').set('Origin', origin).expect(200);
    expect(call.headers['access-control-expose-headers']).toContain('X-Engine');
    const refused = await say(app).set('Origin', origin).expect(401);
    expect(refused.headers['access-control-allow-origin']).toBe(origin);
  });

  it('get no leave from pages that are not', async () => {
    const listed = start({ origins: [origin] });
    const other = await say(listed.app).set('Origin', 'https://evil.example.org').expect(200);
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    const none = start();
    const response = await say(none.app).set('Origin', origin).expect(200);
    expect(response.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('are told not to guess types, frame pages or run foreign scripts', async () => {
    const { app } = start();
    const { headers } = await request(app).get('/health').expect(200);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers['content-security-policy']).toContain("default-src 'none';script-src 'self';");
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

describe('what a page needs', () => {
  it('is revalidated by ETag, and served in ranges where it is a file', async () => {
    const { app } = start();
    const contract = await request(app).get('/openapi.json').expect(200);
    await request(app)
      .get('/openapi.json')
      .set('If-None-Match', contract.headers['etag'] as string)
      .expect(304);
    const part = await request(app).get('/docs/swagger-ui.css').set('Range', 'bytes=0-9').expect(206);
    expect(part.headers['content-range']).toMatch(/^bytes 0-9\//);
  });
});
