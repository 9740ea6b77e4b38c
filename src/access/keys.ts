import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface NamedHash {
  readonly name: string;
  /** SHA-256 of the secret. */
  readonly hash: Buffer;
}

const BEARER = /^Bearer +(\S+) *$/i;
export const KEY_HEADER = 'x-api-key';

/**
 * The name of the key that this secret belongs to; null for an unknown one. Compares with every key, so that the
 * duration reveals nothing.
 */
export function ownerOf(secret: string, keys: readonly NamedHash[]): string | null {
  const hash = createHash('sha256').update(secret).digest();
  let owner: string | null = null;
  for (const key of keys) if (timingSafeEqual(hash, key.hash)) owner = key.name;
  return owner;
}

/** The secrets in the headers of a call. Both headers count: a gateway in front may use one of them for its own key. */
export function secretsOf(headers: IncomingHttpHeaders): string[] {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  return [headers[KEY_HEADER], bearer].flatMap((secret) => secret || []);
}

/** True when a call has a key, valid or not. */
export function showsKey(headers: IncomingHttpHeaders): boolean {
  return headers.authorization !== undefined || headers[KEY_HEADER] !== undefined;
}
