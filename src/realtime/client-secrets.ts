import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.js';
import { invalidRequest } from '../lib/errors.js';
import { problemOf } from './protocol/client-events.js';
import { sessionPatch, type SessionPatch } from './protocol/session-update.js';
import { sessionView, type SessionView } from './protocol/session-view.js';
import { defaultSettings, updatedSettings, type SettingDefaults } from './session/settings.js';

const MOST_SECRETS = 10_000;
/** Instructions and tools of a session take memory until the secret expires. */
const LONGEST_SESSION_JSON = 100_000;

/** Who a secret belongs to, and the session that it opens. */
export interface ClientSecret {
  caller: string;
  /** Name of the key that it was made with; null without one. */
  key: string | null;
  settings: SessionPatch;
}

export interface CreatedSecret {
  value: string;
  /** Unix time in seconds. */
  expires_at: number;
  session: SessionView;
}

export interface ClientSecretOptions {
  defaults: SettingDefaults;
  longestSessionMs: number;
  clock: Clock;
  /** Unix time in milliseconds. */
  wallClock: () => number;
}

/**
 * Keys for browsers and phones that live for minutes: a server makes one for its user, bound to the settings of a session,
 * and keeps its own key. They are in this process's memory, bounded; the oldest leave first.
 */
export class ClientSecrets {
  readonly #options: ClientSecretOptions;
  /** By the hash of the secret, oldest first. */
  readonly #secrets = new Map<string, ClientSecret & { until: number }>();

  constructor(options: ClientSecretOptions) {
    this.#options = options;
  }

  /** Throws AppError 400 that names the field at fault. */
  create(
    { seconds, session: given }: { seconds: number; session: unknown },
    caller: { id: string; key: string | null },
  ): CreatedSecret {
    const settings = parsed(given);
    const session = this.#view(settings);
    const value = `ek_${randomBytes(24).toString('hex')}`;
    const { clock, wallClock } = this.#options;
    this.#forgetOld();
    this.#secrets.set(hashOf(value), {
      caller: caller.id,
      key: caller.key,
      settings,
      until: clock.now() + seconds * 1_000,
    });
    return { value, expires_at: Math.floor(wallClock() / 1_000) + seconds, session };
  }

  /** Null for a secret that is unknown or has expired. A secret opens as many sessions as are asked for. */
  find(value: string): ClientSecret | null {
    if (!value.startsWith('ek_')) return null;
    const secret = this.#secrets.get(hashOf(value));
    return secret && secret.until > this.#options.clock.now() ? secret : null;
  }

  #view(patch: SessionPatch): CreatedSecret['session'] {
    const { defaults, longestSessionMs, wallClock } = this.#options;
    const initial = defaultSettings(defaults, patch.type ?? 'realtime');
    const updated = updatedSettings(initial, patch, defaults);
    if ('problem' in updated) throw invalidRequest(updated.problem.message, { code: 'invalid_value' });
    const expiresAt = Math.floor((wallClock() + longestSessionMs) / 1_000);
    return sessionView(updated.settings, `sess_${randomBytes(12).toString('base64url')}`, expiresAt);
  }

  #forgetOld(): void {
    const now = this.#options.clock.now();
    for (const [hash, { until }] of this.#secrets) {
      if (until <= now || this.#secrets.size >= MOST_SECRETS) this.#secrets.delete(hash);
      else break;
    }
  }
}

function parsed(session: unknown): SessionPatch {
  const result = sessionPatch.safeParse(session);
  if (!result.success) {
    const { message, param } = problemOf(result.error);
    throw invalidRequest(message, { code: 'invalid_value', ...(param !== undefined && { param }) });
  }
  if (JSON.stringify(result.data).length > LONGEST_SESSION_JSON) {
    throw invalidRequest('"session" is too long.', { code: 'too_long', param: 'session' });
  }
  return result.data;
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
