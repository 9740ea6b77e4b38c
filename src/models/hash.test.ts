import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Hasher } from './hash.js';

const forever = new AbortController().signal;

describe('Hasher', () => {
  let directory: string;
  let hasher: Hasher;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hash-'));
    hasher = new Hasher();
  });
  afterEach(async () => {
    await hasher.close();
    await rm(directory, { recursive: true });
  });

  async function zeros(bytes: number): Promise<string> {
    const path = join(directory, `zeros-${bytes}`);
    const file = await open(path, 'w');
    await file.truncate(bytes);
    await file.close();
    return path;
  }

  it('hashes several files at once like node:crypto', async () => {
    const contents = [Buffer.alloc(0), Buffer.from('كلّمني'), Buffer.alloc(3_000_001, 7)];
    const paths = contents.map((_, index) => join(directory, `file-${index}`));
    await Promise.all(paths.map((path, index) => writeFile(path, contents[index]!)));

    const sums = await Promise.all(paths.map((path) => hasher.sha256(path, forever)));

    expect(sums).toEqual(contents.map((content) => createHash('sha256').update(content).digest('hex')));
  });

  it('names the file that cannot be read, and still hashes the next one', async () => {
    await expect(hasher.sha256(join(directory, 'nothing'), forever)).rejects.toThrow(/ENOENT.*nothing/);
    await expect(hasher.sha256(await zeros(1), forever)).resolves.toHaveLength(64);
  });

  it('leaves the calling thread nearly idle', async () => {
    const path = await zeros(64 * 1024 * 1024);
    await hasher.sha256(await zeros(1), forever);
    const before = performance.eventLoopUtilization();

    await hasher.sha256(path, forever);

    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  it('stops in the middle of a file when its signal aborts', async () => {
    const controller = new AbortController();
    await hasher.sha256(await zeros(1), forever);
    const sum = hasher.sha256(await zeros(2 ** 36), controller.signal);
    await setImmediate();
    controller.abort(new Error('no longer wanted'));

    await expect(sum).rejects.toThrow('no longer wanted');
  });
});
