import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DEADLINE_MS = 60_000;

/** Runs `npm start` like a process manager, without the set-up step, which the tests have done already. */
function npmStart(folder: string) {
  const npm = spawn('npm', ['start', '--silent', '--ignore-scripts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: folder,
      HOST: '127.0.0.1',
      PORT: '0',
      MODEL_SOURCE: folder,
      MODELS_DIR: join(folder, 'models'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const lines = createInterface(npm.stdout)[Symbol.asyncIterator]();
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
      if (done) throw new Error(`npm start ended before it logged "${message}"`);
      const entry = JSON.parse(value) as Record<string, unknown>;
      if (entry['msg'] === message) return entry;
    }
  };
  return { npm, logged };
}

/** Ends processes that a failed test has left. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'stops the service gracefully after %s to the npm process',
  async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'npm-start-'));
    const { npm, logged } = npmStart(folder);
    try {
      const { port } = await logged('listening');
      npm.kill(signal);
      await logged('stopping: running calls may finish');
      await once(npm, 'exit');
      await expect(fetch(`http://127.0.0.1:${String(port)}/health`)).rejects.toThrow();
    } finally {
      killGroup(npm.pid);
      rmSync(folder, { recursive: true, force: true });
    }
  },
  DEADLINE_MS,
);
