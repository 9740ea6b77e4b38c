import { afterEach, describe, expect, it } from 'vitest';
import { entryPoint } from '../lib/entry-point.js';
import { createLogger } from '../observability/logger.js';
import { InferenceProcess } from './inference-process.js';
import type { SupervisedEngine } from './supervised-engine.js';

const never = new AbortController().signal;
let running: InferenceProcess;

afterEach(() => running.close());

function start(): InferenceProcess {
  const entry = entryPoint(import.meta.url, '../../test/support/test-child');
  running = new InferenceProcess({
    name: 'test',
    entry: { ...entry, env: { PATH: process.env['PATH'] } },
    logger: createLogger('silent'),
    queueLimit: 4,
    timeoutMs: 20_000,
    idleUnloadMs: 0,
    memoryLimitBytes: 0,
  });
  return running;
}

describe('an engine that is unloaded', () => {
  it('finishes its waiting jobs first, is closed before another one is loaded, and loads again on demand', async () => {
    const host = start();
    const named = (label: string): SupervisedEngine =>
      host.engine(label, { kind: 'test', prepare: () => Promise.resolve({ label }) });
    const [one, other] = [named('one'), named('other')];
    await one.load();
    const jobs = [1, 2, 3].map((value) => one.run({ do: 'echo', value }, { signal: never }));
    const unloaded = one.unload();
    expect(await Promise.all(jobs)).toEqual([1, 2, 3]);
    await unloaded;

    expect(one.state().status).toBe('off');
    expect(await other.run({ do: 'engines' }, { signal: never })).toEqual([
      'load one',
      'close one',
      'load other',
    ]);
    expect(await one.run({ do: 'echo', value: 'again' }, { signal: never })).toBe('again');
  });
});
