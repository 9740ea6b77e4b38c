import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load-config.js';

function keysOf(list: string) {
  return loadConfig({ API_KEYS: list }).API_KEYS;
}

describe('API_KEYS', () => {
  it('are stored by name and hash, never in plain text', () => {
    const keys = keysOf('app:s3cr3t:with-colon-and-length, phone:another-long-secret');
    expect(keys.map(({ name }) => name)).toEqual(['app', 'phone']);
    expect(keys[0]?.hash).toEqual(createHash('sha256').update('s3cr3t:with-colon-and-length').digest());
    expect(JSON.stringify(keys)).not.toContain('s3cr3t');
  });

  it('are an empty list when the variable is empty', () => {
    expect(keysOf('')).toEqual([]);
    expect(loadConfig({}).API_KEYS).toEqual([]);
  });

  it('are marked when they are short enough to be guessed', () => {
    expect(keysOf('app:hunter2')[0]?.weak).toBe(true);
    expect(keysOf('app:0123456789abcdef')[0]?.weak).toBe(false);
  });

  it.each([
    'hunter2hunter2',
    ':hunter2hunter2',
    'app:',
    'app:hunter2 hunter2',
    'a b:hunter2hunter2',
    'ok:fine-and-long-enough,hunter2hunter2',
    'app:hunter2hunter2,app:other',
    'app:hunter2hunter2,phone:hunter2hunter2',
    'app:hunter2hunter2é',
  ])('stop the start when they are malformed, without showing the secret (%s)', (list) => {
    const failure = (): unknown => keysOf(list);
    expect(failure).toThrow(ConfigError);
    expect(failure).toThrow(/API_KEYS: entry \d/);
    expect(failure).not.toThrow(/hunter2|other|long-enough/);
  });
});
