import { createHash, timingSafeEqual } from 'node:crypto';

export interface NamedHash {
  readonly name: string;
  /** SHA-256 of the secret. */
  readonly hash: Buffer;
}

/** Whose secret this is; null for nobody's. Compares with every key, so that the time taken tells nothing. */
export function ownerOf(secret: string, keys: readonly NamedHash[]): string | null {
  const hash = createHash('sha256').update(secret).digest();
  let owner: string | null = null;
  for (const key of keys) if (timingSafeEqual(hash, key.hash)) owner = key.name;
  return owner;
}
