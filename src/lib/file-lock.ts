import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readlink, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hasCode } from './system-error.js';

export interface LockTiming {
  /** How often a waiting process checks the lock. */
  pollMs: number;
  /** Interval of the holder's heartbeat. */
  heartbeatMs: number;
  /** A lock without a heartbeat for this long has no holder. */
  staleMs: number;
}

export interface LockOptions {
  timing: LockTiming;
  signal: AbortSignal;
  /** Called before every pause while another process holds the lock. */
  onWait?: () => void | Promise<void>;
}

export interface FileLock {
  /**
   * Aborts when another process took the lock over because this one missed its heartbeats. The protected work must
   * stop.
   */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

const Owner = z.object({ token: z.string(), pid: z.number(), host: z.string() });
type Owner = z.infer<typeof Owner>;

/** Tokens that this process holds. They distinguish its locks from those of an earlier process with the same id. */
const held = new Set<string>();

/**
 * Takes an exclusive lock across processes by creating `path` exclusively. Waits while its holder is alive, and breaks
 * the lock when the holder is dead or has no heartbeat. The caller releases it. Rejects when the signal aborts.
 */
export async function acquireFileLock(
  path: string,
  { timing, signal, onWait }: LockOptions,
): Promise<FileLock> {
  const owner: Owner = { token: randomUUID(), pid: process.pid, host: await hostAndProcessNamespace() };
  await mkdir(dirname(path), { recursive: true });
  let seen = { at: performance.now(), trace: '' };
  for (;;) {
    signal.throwIfAborted();
    if (await create(path, owner)) return hold(path, owner.token, timing);
    const lock = await look(path);
    if (!lock) continue;
    // The heartbeat is timed by this process's own clock: file times of a network disk may be those of another machine.
    if (lock.trace !== seen.trace) seen = { at: performance.now(), trace: lock.trace };
    const abandoned = isDead(lock.owner, owner.host) || performance.now() - seen.at > timing.staleMs;
    if (abandoned && (await breakLock(path, lock.trace, timing))) continue;
    if (!abandoned) await onWait?.();
    await sleep(timing.pollMs, undefined, { signal });
  }
}

async function create(path: string, owner: Owner): Promise<boolean> {
  let file;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
  held.add(owner.token);
  try {
    await file.writeFile(JSON.stringify(owner)).finally(() => file.close());
    return true;
  } catch (error) {
    await rm(path, { force: true });
    held.delete(owner.token);
    throw error;
  }
}

function hold(path: string, token: string, timing: LockTiming): FileLock {
  const lost = new AbortController();
  const beat = async (): Promise<void> => {
    const lock = await look(path);
    if (lock?.owner?.token !== token) throw new Error('Another process has taken the lock over.');
    const now = new Date();
    await utimes(path, now, now);
  };
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    beating = beat().catch((error: unknown) => {
      clearInterval(timer);
      lost.abort(error);
    });
  }, timing.heartbeatMs).unref();
  return {
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      await beating;
      if ((await look(path))?.owner?.token === token) await rm(path, { force: true });
      held.delete(token);
    },
  };
}

/** The current lock file; undefined when there is none. `trace` changes with every heartbeat and every holder. */
async function look(path: string): Promise<{ owner: Owner | undefined; trace: string } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { owner: parseOwner(text), trace: `${text} ${mtimeMs}` };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Undefined for a file that its creator has not written yet, or died before writing. */
function parseOwner(text: string): Owner | undefined {
  try {
    return Owner.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function isDead(owner: Owner | undefined, here: string): boolean {
  if (owner?.host !== here) return false;
  if (owner.pid === process.pid) return !held.has(owner.token);
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/**
 * Several processes may judge the same lock at once, and the first may have created a new lock before the second acts.
 * So only one process at a time may break a lock, and it checks again first. Resolves with false when another process
 * is breaking it.
 */
async function breakLock(path: string, judged: string, { staleMs }: LockTiming): Promise<boolean> {
  const guard = `${path}.breaking`;
  try {
    await (await open(guard, 'wx')).close();
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    await removeOld(guard, staleMs);
    return false;
  }
  try {
    if ((await look(path))?.trace === judged) await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** A guard is held for milliseconds, so an old one is left from a process that died. */
async function removeOld(guard: string, staleMs: number): Promise<void> {
  const created = await stat(guard).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  if (Date.now() - created > staleMs) await rm(guard, { force: true });
}

/** Process ids mean something only within one machine and one container. */
async function hostAndProcessNamespace(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return `${hostname()} ${namespace}`;
}
