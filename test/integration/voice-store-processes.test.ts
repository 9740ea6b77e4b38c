import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryPoint } from '../../src/lib/entry-point.js';
import { VoiceStore } from '../../src/voices/voice-store.js';

interface Left {
  kept: string[];
  refused: number;
}

describe('the store of voices across processes', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'voice-processes-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function writer(name: string, limit: number): Promise<Left> {
    const { path, execArgv } = entryPoint(import.meta.url, '../support/voice-writer');
    const child = fork(path, [directory, name, String(limit)], { execArgv });
    const ended = once(child, 'exit');
    const [left] = (await Promise.race([
      once(child, 'message'),
      ended.then(([code]) => Promise.reject(new Error(`${name} ended with ${String(code)}`))),
    ])) as [Left];
    await ended;
    return left;
  }

  it('contains exactly the voices of three processes that create, rename and remove concurrently', async () => {
    const left = await Promise.all(['one', 'two', 'three'].map((name) => writer(name, 1_000)));
    const kept = left.flatMap((process) => process.kept).sort();
    expect(kept).toHaveLength(24);
    expect((await readdir(directory)).sort()).toEqual(kept);
    const store = new VoiceStore({ directory, limit: 1_000, encoder: null });
    for (const { id, name } of await store.list()) {
      expect(name).toMatch(/^(one|two|three) was here$/);
      expect((await readdir(join(directory, id))).sort()).toEqual([
        'latents.bin',
        'record.json',
        'reference.wav',
      ]);
    }
  }, 60_000);

  it('never stores more voices than the limit', async () => {
    const left = await Promise.all(['one', 'two'].map((name) => writer(name, 5)));
    const names = await readdir(directory);
    expect(names.length).toBeLessThanOrEqual(5);
    expect(names.sort()).toEqual(left.flatMap(({ kept }) => kept).sort());
    expect(left.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
  }, 60_000);
});
