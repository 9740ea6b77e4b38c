import { createHash } from 'node:crypto';
import { z } from 'zod';

export interface ApiKey {
  /** Shown in logs and used for limits; not secret. */
  readonly name: string;
  /** SHA-256 of the secret; the secret itself is not kept. */
  readonly hash: Buffer;
  /** True when the secret is short enough to be guessed. */
  readonly weak: boolean;
}

const NAME = /^[\w.-]{1,64}$/;
/** Characters that a bearer token can have; a comma would end the entry. */
const SECRET = /^[\x21-\x2b\x2d-\x7e]{1,512}$/;
const GUESSABLE_LENGTH = 16;

/** `name:secret,name:secret`. Errors name the position of an entry, never its text, which may be the secret. */
export const apiKeys = z.string().transform((list, context): ApiKey[] => {
  const entries = list.split(',').map((entry) => entry.trim());
  const keys = entries.filter(Boolean).map(parseEntry);
  const broken = keys.indexOf(null);
  if (broken >= 0) {
    context.addIssue(
      `entry ${broken + 1} is not name:secret (name: letters, digits, "-", "_", "."; secret: no spaces, no commas)`,
    );
    return z.NEVER;
  }
  const whole = keys.filter((key) => key !== null);
  const repeated = whole.findIndex((key, index) => whole.slice(0, index).some((other) => clash(key, other)));
  if (repeated >= 0) {
    context.addIssue(`entry ${repeated + 1} has the name or the secret of an earlier one`);
    return z.NEVER;
  }
  return whole;
});

function parseEntry(entry: string): ApiKey | null {
  const colon = entry.indexOf(':');
  const name = entry.slice(0, Math.max(0, colon));
  const secret = entry.slice(colon + 1);
  if (!NAME.test(name) || !SECRET.test(secret)) return null;
  return {
    name,
    hash: createHash('sha256').update(secret).digest(),
    weak: secret.length < GUESSABLE_LENGTH,
  };
}

function clash(one: ApiKey, other: ApiKey): boolean {
  return one.name === other.name || one.hash.equals(other.hash);
}
