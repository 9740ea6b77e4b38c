import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ownerOf } from './keys.js';

const key = (name: string, secret: string) => ({
  name,
  hash: createHash('sha256').update(secret).digest(),
});

describe('ownerOf', () => {
  const keys = [key('app', 'first-secret'), key('phone', 'second-secret')];

  it.each([
    ['first-secret', 'app'],
    ['second-secret', 'phone'],
    ['first-secre', null],
    ['first-secret ', null],
    ['', null],
  ])('knows whose %j is', (secret, owner) => {
    expect(ownerOf(secret, keys)).toBe(owner);
  });

  it('matches nobody when there are no keys', () => {
    expect(ownerOf('first-secret', [])).toBeNull();
  });
});
