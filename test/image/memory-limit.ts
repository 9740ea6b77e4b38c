import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const MEBIBYTE = 2 ** 20;
const EMPTY_WITHIN_MS = 5_000;
const SAMPLE_EVERY_MS = 100;

/** The names of one thing in the two versions of control groups. */
const VERSIONS = [
  {
    parent: ROOT,
    marker: 'cgroup.controllers',
    limit: 'memory.max',
    swap: ['memory.swap.max', '0'],
    kills: 'memory.events',
    own: 'anon',
  },
  {
    parent: join(ROOT, 'memory'),
    marker: 'memory.limit_in_bytes',
    limit: 'memory.limit_in_bytes',
    swap: ['memory.swappiness', '0'],
    kills: 'memory.oom_control',
    own: 'rss',
  },
] as const;

/**
 * A hard limit on the memory of a process and everything it starts, page cache counted: a control group of its own
 * (Linux, root). Who goes over it is killed by the kernel.
 */
export class MemoryLimit {
  readonly folder: string;
  readonly #version: (typeof VERSIONS)[number];
  readonly #sampling: NodeJS.Timeout;
  /** The most that was taken and cannot be given back under pressure, as page cache can; read every 100 ms. */
  peakOwnMb = 0;

  constructor(megabytes: number) {
    const version = VERSIONS.find(({ parent, marker }) => existsSync(join(parent, marker)));
    if (!version) throw new Error(`There are no control groups in ${ROOT}: Linux is needed, and root.`);
    this.#version = version;
    this.folder = join(version.parent, `kallemni-${process.pid}-${megabytes}`);
    if (version.parent === ROOT) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+memory');
    mkdirSync(this.folder);
    writeFileSync(join(this.folder, version.limit), String(megabytes * MEBIBYTE));
    const [swap, none] = version.swap;
    if (existsSync(join(this.folder, swap))) writeFileSync(join(this.folder, swap), none);
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** The command, by way of a shell that first puts itself below the limit. */
  below(command: readonly string[]): [string, string[]] {
    const procs = join(this.folder, 'cgroup.procs');
    return ['/bin/sh', ['-c', `echo $$ >'${procs}' && exec "$@"`, 'sh', ...command]];
  }

  /** Processes that the kernel has killed for memory. */
  kills(): number {
    return this.#number(this.#version.kills, 'oom_kill');
  }

  /** Once no process is left in it. */
  async close(): Promise<void> {
    clearInterval(this.#sampling);
    const deadline = performance.now() + EMPTY_WITHIN_MS;
    while (existsSync(this.folder)) {
      try {
        rmdirSync(this.folder);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
      }
    }
  }

  #sample(): void {
    this.peakOwnMb = Math.max(this.peakOwnMb, this.#number('memory.stat', this.#version.own) / MEBIBYTE);
  }

  #number(file: string, name: string): number {
    const text = readFileSync(join(this.folder, file), 'utf8');
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  }
}
