import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acquireFileLock, type LockTiming } from './file-lock.js';

const timing: LockTiming = { pollMs: 2, heartbeatMs: 5, staleMs: 60_000 };
const signal = new AbortController().signal;

describe('acquireFileLock', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lock-'));
    path = join(directory, 'sub', 'model.onnx.lock');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function pretendOwner(change: object): Promise<void> {
    const lock = await acquireFileLock(path, { timing, signal });
    const owner = JSON.parse(await readFile(path, 'utf8')) as object;
    await lock.release();
    await writeFile(path, JSON.stringify({ ...owner, token: 'another', ...change }));
  }

  async function deadPid(): Promise<number> {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    return child.pid!;
  }

  it('has one holder at a time and leaves no file behind', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const lock = await acquireFileLock(path, { timing, signal });
        most = Math.max(most, ++inside);
        await setImmediate();
        inside--;
        await lock.release();
      }),
    );

    expect(most).toBe(1);
    expect(await readdir(join(directory, 'sub'))).toEqual([]);
  });

  it('reports that it waits, and stops waiting on abort', async () => {
    const lock = await acquireFileLock(path, { timing, signal });
    const controller = new AbortController();
    const onWait = vi.fn(() => controller.abort(new Error('gave up')));

    await expect(acquireFileLock(path, { timing, signal: controller.signal, onWait })).rejects.toThrow();

    expect(onWait).toHaveBeenCalled();
    await lock.release();
  });

  it('breaks the lock of a process that is dead at once', async () => {
    await pretendOwner({ pid: await deadPid() });
    const onWait = vi.fn();

    const lock = await acquireFileLock(path, { timing, signal, onWait });

    expect(onWait).not.toHaveBeenCalled();
    await lock.release();
  });

  it('breaks a lock that an earlier process with the same id left behind (process 1 of a restarted container)', async () => {
    await pretendOwner({ pid: process.pid });
    await (await acquireFileLock(path, { timing, signal })).release();
  });

  it('breaks the lock of another machine only once its heartbeat has stopped', async () => {
    await pretendOwner({ host: `not-${hostname()}` });
    let beats = 0;
    const onWait = async () => {
      if (++beats <= 3) await utimes(path, new Date(), new Date(beats));
    };

    const lock = await acquireFileLock(path, {
      timing: { ...timing, pollMs: 20, staleMs: 30 },
      signal,
      onWait,
    });

    expect(beats).toBeGreaterThan(3);
    await lock.release();
  });

  it('breaks a lock file that was never written to the end', async () => {
    await (await acquireFileLock(path, { timing, signal })).release();
    await writeFile(path, '{"tok');

    await (await acquireFileLock(path, { timing: { ...timing, staleMs: 10 }, signal })).release();
  });

  it('lets exactly one of several waiters break a dead lock, however they interleave', async () => {
    const pid = await deadPid();
    let inside = 0;
    for (let round = 0; round < 20; round++) {
      await pretendOwner({ pid, token: `dead-${round}` });
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const lock = await acquireFileLock(path, { timing, signal });
          expect(++inside).toBe(1);
          await setImmediate();
          inside--;
          await lock.release();
        }),
      );
    }
  });

  it('works after another process died while it was breaking a lock', async () => {
    await pretendOwner({ pid: await deadPid() });
    await writeFile(`${path}.breaking`, '');
    await utimes(`${path}.breaking`, new Date(0), new Date(0));

    await (await acquireFileLock(path, { timing, signal })).release();

    expect(await readdir(join(directory, 'sub'))).toEqual([]);
  });

  it('aborts a holder that was considered dead, and keeps the new lock', async () => {
    const lock = await acquireFileLock(path, { timing, signal });
    await writeFile(path, '{"token":"another","pid":1,"host":"elsewhere"}');

    await once(lock.lost, 'abort');
    await lock.release();

    expect(await readFile(path, 'utf8')).toContain('another');
  });
});
