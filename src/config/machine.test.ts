import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readMachine } from './machine.js';

const files = (content: Record<string, string>) => (path: string) => content[path] ?? null;

describe('readMachine', () => {
  it('uses the limits of the container rather than the host', () => {
    const machine = readMachine(
      files({ '/sys/fs/cgroup/memory.max': '536870912', '/sys/fs/cgroup/cpu.max': '100000 100000' }),
    );
    expect(machine).toEqual({ memoryBytes: 536_870_912, cores: 1 });
  });

  it('rounds a fraction of a core up to one', () => {
    expect(readMachine(files({ '/sys/fs/cgroup/cpu.max': '50000 100000' })).cores).toBe(1);
  });

  it('uses the host when there is no limit', () => {
    const machine = readMachine(
      files({ '/sys/fs/cgroup/memory.max': 'max', '/sys/fs/cgroup/cpu.max': 'max 100000' }),
    );
    expect(machine.memoryBytes).toBe(totalmem());
    expect(machine.cores).toBeGreaterThanOrEqual(1);
  });
});
