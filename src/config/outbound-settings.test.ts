import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

const load = (settings: Record<string, string>) =>
  loadConfig(settings, { memoryBytes: 8 * 2 ** 30, cores: 4 });
const secret = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;

describe('WEBHOOK_SECRET', () => {
  it('may be two secrets', () => {
    const { WEBHOOK_SECRET } = load({ WEBHOOK_SECRET: `${secret(1)},${secret(2)}` });
    expect(WEBHOOK_SECRET).toEqual([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
  });

  it('that is wrong stops the start without being shown', () => {
    const wrong = `${secret(1)},my-own-secret-word`;
    expect(() => load({ WEBHOOK_SECRET: wrong })).toThrow(/WEBHOOK_SECRET: secret 2 is not whsec_/);
    expect(() => load({ WEBHOOK_SECRET: wrong })).not.toThrow(/my-own-secret-word/);
  });
});

describe('ALLOWED_PRIVATE_HOSTS', () => {
  it('takes names, addresses and ranges', () => {
    const hosts = load({ ALLOWED_PRIVATE_HOSTS: 'hooks.internal,10.1.0.0/16,::1' }).ALLOWED_PRIVATE_HOSTS;
    expect(hosts).toEqual(['hooks.internal', '10.1.0.0/16', '::1']);
  });

  it.each(['http://hooks.internal', '10.1.0.0/99', '*', 'hooks.internal:9000'])(
    '%s stops the start',
    (value) => {
      expect(() => load({ ALLOWED_PRIVATE_HOSTS: value })).toThrow(/ALLOWED_PRIVATE_HOSTS: host names/);
    },
  );
});
