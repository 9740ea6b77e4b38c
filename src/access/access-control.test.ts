import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccessControl, type AccessSettings } from './access-control.js';

const key = (name: string, secret: string) => ({ name, hash: createHash('sha256').update(secret).digest() });
const control = (settings: Partial<AccessSettings>) =>
  new AccessControl({ keys: [], limits: { requests: 0, audioSeconds: 0 }, trustProxy: 0, ...settings });
const call = (headers: Record<string, string> = {}, address = '192.0.2.1') => ({ address, headers });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('admit', () => {
  it('allows everyone when there are no keys and limits', async () => {
    expect(await control({}).admit(call(), true)).toEqual({
      allowed: true,
      caller: { id: 'address 192.0.2.1', key: null, showedKey: false },
      usage: [],
    });
  });

  it('requires a key when keys are configured, as a bearer token or x-api-key', async () => {
    const access = control({ keys: [key('app', 'secret-of-the-app')] });
    for (const headers of [
      { authorization: 'Bearer secret-of-the-app' },
      { 'x-api-key': 'secret-of-the-app' },
    ])
      expect(await access.admit(call(headers), false)).toMatchObject({
        allowed: true,
        caller: { id: 'key app', key: 'app' },
      });
    expect(await access.admit(call({ authorization: 'Bearer wrong' }), false)).toMatchObject({
      allowed: false,
      refusal: {
        status: 401,
        code: 'invalid_api_key',
        challenge: expect.stringContaining('invalid_token') as string,
      },
    });
    expect(await access.admit(call(), false)).toMatchObject({
      allowed: false,
      refusal: { status: 401, challenge: 'Bearer realm="kallemni"', retryAfterMs: null },
    });
  });

  it('counts calls per caller and minute, including calls with wrong keys', async () => {
    const access = control({ keys: [key('app', 'right')], limits: { requests: 2, audioSeconds: 0 } });
    const guess = () => access.admit(call({ 'x-api-key': 'guess' }), false);
    expect(await guess()).toMatchObject({ refusal: { status: 401 } });
    expect(await guess()).toMatchObject({ refusal: { status: 401 }, usage: [{ name: 'requests', used: 2 }] });
    vi.advanceTimersByTime(20_000);
    expect(await guess()).toMatchObject({
      refusal: { status: 429, code: 'rate_limit_exceeded', retryAfterMs: 40_000, challenge: null },
    });
    expect(await access.admit(call({ 'x-api-key': 'right' }), false)).toMatchObject({ allowed: true });
    vi.advanceTimersByTime(40_000);
    expect(await guess()).toMatchObject({ refusal: { status: 401 } });
  });

  it('rejects the next recording when the seconds are used up, but no other call', async () => {
    const access = control({ limits: { requests: 0, audioSeconds: 7 } });
    const first = await access.admit(call(), true);
    expect(first.usage).toEqual([{ name: 'audio-seconds', limit: 7, used: 0, resetMs: 0 }]);
    expect(await access.chargeAudio(first.caller.id, 8)).toMatchObject({ used: 8, resetMs: 60_000 });
    expect(await access.admit(call(), true)).toMatchObject({ allowed: false, refusal: { status: 429 } });
    expect(await access.admit(call(), false)).toMatchObject({ allowed: true });
    expect(await access.admit(call({}, '192.0.2.2'), true)).toMatchObject({ allowed: true });
  });

  it('counts one caller behind a proxy that adds ports', async () => {
    const access = control({ trustProxy: 1, limits: { requests: 2, audioSeconds: 0 } });
    const from = (forwarded: string) =>
      access.admit(call({ 'x-forwarded-for': forwarded }, '10.0.0.1'), false);
    expect(await from('198.51.100.1:1001')).toMatchObject({ allowed: true });
    expect(await from('198.51.100.1:1002')).toMatchObject({ allowed: true });
    expect(await from('[::ffff:198.51.100.1]:1003')).toMatchObject({ allowed: false });
    expect(await from('198.51.100.2:1001')).toMatchObject({ allowed: true });
  });
});
