import { isIPv6 } from 'node:net';
import type { Config } from '../config/load-config.js';
import type { AccessOptions } from '../http/middleware/access-middleware.js';
import type { SharedState } from './shared-state.js';

export function accessOf(config: Config, shared: SharedState): AccessOptions {
  const control = shared.accessControl({
    keys: config.API_KEYS,
    limits: { requests: config.RATE_LIMIT, audioSeconds: config.RATE_LIMIT_AUDIO_SECONDS },
    trustProxy: config.TRUST_PROXY,
  });
  return { control, origins: config.CORS_ORIGINS };
}

/** Warnings for the operator about who can reach the service. */
export function accessWarnings(config: Pick<Config, 'API_KEYS' | 'HOST'>): string[] {
  const weak = config.API_KEYS.filter((key) => key.weak).map((key) => key.name);
  return [
    ...(config.API_KEYS.length === 0 && !isLoopback(config.HOST)
      ? [
          'ANYONE WHO REACHES THIS PORT CAN USE THE SERVICE: it accepts connections from other machines and requires no key. ' +
            'Set API_KEYS=name:secret, or HOST=127.0.0.1.',
        ]
      : []),
    ...weak.map((name) => `The API key "${name}" is short enough to be guessed; use at least 16 characters.`),
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127\./.test(host) || (isIPv6(host) && /^[0:]*:0*1$/.test(host));
}
