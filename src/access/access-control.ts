import type { IncomingHttpHeaders } from 'node:http';
import { clientAddress, networkOf } from './address.js';
import { ownerOf, secretsOf, showsKey, type NamedHash } from './keys.js';
import { MemoryQuota, type Quota, type Usage } from './quota.js';

/** Per minute and caller; 0 for no limit. */
export interface RateLimits {
  requests: number;
  audioSeconds: number;
}

export interface AccessSettings {
  /** Empty: no key is needed. */
  keys: readonly NamedHash[];
  limits: RateLimits;
  /** Reverse proxies in front whose X-Forwarded-For entries are trusted. */
  trustProxy: number;
  /** Where units are counted; in this process when absent. */
  quota?: (name: Usage['name'], limit: number) => Quota;
}

/** The facts about a call that are known before its body, for requests, WebSocket upgrades and job owners. */
export interface IncomingCall {
  /** Remote address of the connection. */
  address: string | undefined;
  headers: IncomingHttpHeaders;
}

export interface Caller {
  /** The caller that limits and stored answers belong to: a key's name or a network. */
  id: string;
  /** Name of the caller's key; null without a valid one. */
  key: string | null;
  /** True when the call has a key, valid or not. */
  showedKey: boolean;
}

export interface Refusal {
  status: 401 | 429;
  code: 'invalid_api_key' | 'rate_limit_exceeded';
  message: string;
  /** When a retry can succeed; null when waiting does not help. */
  retryAfterMs: number | null;
  /** Value of the header WWW-Authenticate of a 401; null otherwise. */
  challenge: string | null;
}

/** `usage` holds one entry for each limit that is set. */
export type Decision =
  | { allowed: true; caller: Caller; usage: Usage[] }
  | { allowed: false; caller: Caller; usage: Usage[]; refusal: Refusal };

/**
 * Decides who may call, and how much. It does not depend on a web framework, because requests, WebSocket upgrades and
 * jobs use it.
 */
export class AccessControl {
  readonly #settings: AccessSettings;
  readonly #requests: Quota | null;
  readonly #audio: Quota | null;

  constructor(settings: AccessSettings) {
    const { requests, audioSeconds } = settings.limits;
    this.#settings = settings;
    const quota = settings.quota ?? ((name, limit) => new MemoryQuota(name, limit));
    this.#requests = requests > 0 ? quota('requests', requests) : null;
    this.#audio = audioSeconds > 0 ? quota('audio-seconds', audioSeconds) : null;
  }

  /** The owner of the key, or the network that the call came from. Rejects nobody. */
  identify({ address, headers }: IncomingCall): Caller {
    const { keys, trustProxy } = this.#settings;
    // Every secret is compared with every key, even after a match.
    const owners = secretsOf(headers).map((secret) => ownerOf(secret, keys));
    const key = owners.find((owner) => owner !== null) ?? null;
    const id =
      key === null ? `address ${networkOf(clientAddress(address, headers, trustProxy))}` : `key ${key}`;
    return { id, key, showedKey: showsKey(headers) };
  }

  /**
   * Counts the call and decides. Limits come before the key, so that guessed keys count. `bringsRecording` marks a call
   * that will be charged for seconds of audio. It is rejected when none are left.
   */
  async admit(call: IncomingCall, bringsRecording: boolean): Promise<Decision> {
    const caller = this.identify(call);
    const limited = await this.charge(caller, bringsRecording);
    if (!limited.allowed) return limited;
    const refusal = this.keyRefusal(caller);
    return refusal ? { ...limited, allowed: false, refusal } : limited;
  }

  /** Counts one call of this caller and checks only the limits. */
  async charge(caller: Caller, bringsRecording: boolean): Promise<Decision> {
    const audio = (await this.#audio?.usage(caller.id)) ?? null;
    const requests = (await this.#requests?.charge(caller.id, 1)) ?? null;
    const usage = [audio, requests].filter((entry) => entry !== null);
    if (requests && requests.used > requests.limit)
      return { allowed: false, caller, usage, refusal: overLimit(requests, 'calls') };
    if (audio && bringsRecording && audio.used >= audio.limit)
      return { allowed: false, caller, usage, refusal: overLimit(audio, 'seconds of recordings') };
    return { allowed: true, caller, usage };
  }

  /** Charges seconds of audio, which are known only after decoding. Null without such a limit. */
  async chargeAudio(caller: string, seconds: number): Promise<Usage | null> {
    return (await this.#audio?.charge(caller, seconds)) ?? null;
  }

  /** Null for a caller who may call, with a valid key or when no key is needed. */
  keyRefusal({ key, showedKey }: Caller): Refusal | null {
    if (this.#settings.keys.length === 0 || key !== null) return null;
    return {
      status: 401,
      code: 'invalid_api_key',
      message: showedKey
        ? 'Incorrect API key provided.'
        : 'You did not provide an API key. Send it as "Authorization: Bearer YOUR_KEY" or "x-api-key: YOUR_KEY".',
      retryAfterMs: null,
      challenge: `Bearer realm="kallemni"${showedKey ? ', error="invalid_token"' : ''}`,
    };
  }
}

function overLimit({ limit, resetMs }: Usage, units: string): Refusal {
  return {
    status: 429,
    code: 'rate_limit_exceeded',
    message: `Rate limit reached: ${limit} ${units} per minute. Please try again in ${Math.ceil(resetMs / 1_000)} s.`,
    retryAfterMs: resetMs,
    challenge: null,
  };
}
