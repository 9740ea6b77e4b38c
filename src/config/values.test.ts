import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

const machine = { memoryBytes: 8 * 2 ** 30, cores: 4 };
const load = (settings: Record<string, string>) => loadConfig(settings, machine);

describe('HOST', () => {
  it.each([
    ['::', '::'],
    ['[::]', '::'],
    ['0.0.0.0', '0.0.0.0'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['localhost', 'localhost'],
    ['fly-local-6pn', 'fly-local-6pn'],
  ])('%s is taken', (given, host) => {
    expect(load({ HOST: given }).HOST).toBe(host);
  });

  it.each([
    ['http://0.0.0.0', /HOST: an address without scheme/],
    ['localhost:8080', /HOST: an address without a port.*PORT/],
    ['[::]:8080', /HOST: an address without a port.*PORT/],
    ['*', /HOST: an address of this machine/],
    ['999.0.0.1', /HOST: an address of this machine/],
    ['0.0.0', /HOST: an address of this machine/],
    [':::', /HOST: an address of this machine/],
    ['my host', /HOST: an address of this machine/],
  ])('%s stops the start with a message that does not mention PORT', (given, message) => {
    expect(() => load({ HOST: given })).toThrow(message);
  });
});

describe('numbers', () => {
  it.each([
    ['٩٠٩٠', 9090],
    ['۹۰۹۰', 9090],
    [' 9090\r', 9090],
  ])('%s is taken', (given, port) => {
    expect(load({ PORT: given }).PORT).toBe(port);
  });

  it('may have a fraction if the setting allows one', () => {
    expect(load({ AUTO_SHUTDOWN_MINUTES: '٠٫٥' }).AUTO_SHUTDOWN_MINUTES).toBe(0.5);
    expect(() => load({ RATE_LIMIT: '0.5' })).toThrow(/RATE_LIMIT/);
  });

  it.each(['0x50', '1e3', 'true', '8 080', '-', '８０８０', '80,80'])('%s stops the start', (given) => {
    expect(() => load({ PORT: given })).toThrow(/PORT: expected a number/);
  });
});

describe('web addresses', () => {
  it.each(['localhost:11434/v1', 'openrouter.ai/api/v1', 'https:/x', 'http//x', '/v1'])(
    '%s has no scheme, which the message explains',
    (given) => {
      for (const name of ['OPENAI_BASE_URL', 'HF_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'RUNPOD_API_URL'])
        expect(() => load({ [name]: given })).toThrow(new RegExp(`${name}: an address begins with http`));
    },
  );

  it.each(['http://', 'http://host:99999', 'http://a b/', 'ftp://host/', 'http://[::1/'])(
    '%s stops the start',
    (given) => {
      expect(() => load({ OPENAI_BASE_URL: given })).toThrow(/OPENAI_BASE_URL: an address such as/);
    },
  );
});

describe('CORS_ORIGINS', () => {
  it.each([
    ['capacitor://localhost', ['capacitor://localhost']],
    ['ionic://localhost,tauri://localhost', ['ionic://localhost', 'tauri://localhost']],
    ['http://tauri.localhost, app://my-app', ['http://tauri.localhost', 'app://my-app']],
    ['https://Example.org:443/', ['https://example.org']],
    ['chrome-extension://abcdefghijklmnop', ['chrome-extension://abcdefghijklmnop']],
    ['*', ['*']],
  ])('%s is taken', (given, origins) => {
    expect(load({ CORS_ORIGINS: given }).CORS_ORIGINS).toEqual(origins);
  });

  it.each([
    'https://example.org/page',
    'example.org',
    'localhost:3000',
    'https://*.example.org',
    'https://me@example.org',
    'capacitor://',
    'null',
  ])('%s stops the start', (given) => {
    expect(() => load({ CORS_ORIGINS: given })).toThrow(/CORS_ORIGINS: origins such as/);
  });
});

it('words are accepted in any case', () => {
  expect(load({ LOG_LEVEL: 'INFO', PROFILE: 'Lite', TTS_MODEL: 'XTTS_V2' })).toMatchObject({
    LOG_LEVEL: 'info',
    PROFILE: 'lite',
    TTS_MODEL: 'xtts_v2',
  });
});
