import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

export interface Machine {
  /** Memory that this process can use: the container's limit, or the machine's memory without a limit. */
  memoryBytes: number;
  /** Whole cores, at least 1: the container's quota, or the machine's cores without a quota. */
  cores: number;
}

const CGROUP_MEMORY = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
const CGROUP_CPU = '/sys/fs/cgroup/cpu.max';

/** The limits of the container. os.totalmem() and the core count describe the host instead. */
export function readMachine(read: (path: string) => string | null = readIfThere): Machine {
  const limits = CGROUP_MEMORY.map((path) => Number(read(path))).filter(
    (bytes) => Number.isFinite(bytes) && bytes > 0,
  );
  const [quota, period] = (read(CGROUP_CPU) ?? 'max').split(' ').map(Number);
  const quotaCores = quota && period ? Math.floor(quota / period) : Infinity;
  return {
    memoryBytes: Math.min(totalmem(), ...limits),
    cores: Math.max(1, Math.min(availableParallelism(), quotaCores)),
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
