import { describe, expect, it } from 'vitest';
import { Deferred } from '../lib/deferred.js';
import { FakeClock } from '../lib/fake-clock.js';
import { EnginePool } from './engine-pool.js';
import type { EngineState, JobOptions } from './inference-engine.js';

/** A process that works on each job until the test ends it. */
class FakeMember {
  readonly jobs = new Map<unknown, Deferred<unknown>>();
  status: EngineState['status'] = 'ready';
  error: string | undefined;
  loads = 0;

  get pending(): number {
    return this.jobs.size;
  }

  async run<Job, Result>(job: Job): Promise<Result> {
    const end = new Deferred<unknown>();
    this.jobs.set(job, end);
    try {
      return (await end.promise) as Result;
    } finally {
      this.jobs.delete(job);
    }
  }

  async *stream<Job, Chunk>(job: Job): AsyncGenerator<Chunk, void, undefined> {
    yield await this.run<Job, Chunk>(job);
  }

  load(): Promise<void> {
    this.loads += 1;
    return Promise.resolve();
  }

  unload(): Promise<void> {
    return Promise.resolve();
  }

  state(): EngineState {
    return { status: this.status, queued: 0, ...(this.error !== undefined && { error: this.error }) };
  }
}

function pool(size: number, queueLimit = 10) {
  const members = Array.from({ length: size }, () => new FakeMember());
  const engine = new EnginePool('stt', members, { queueLimit, clock: new FakeClock() });
  return { members: members as [FakeMember, ...FakeMember[]], engine };
}

const options: JobOptions = { signal: new AbortController().signal };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an engine in several processes', () => {
  it('gives each job to the process with the least work, and the rest wait in one queue', async () => {
    const { members, engine } = pool(2);
    const results = ['a', 'b', 'c'].map((job) => engine.run(job, options));
    await turn();
    expect(members.map(({ jobs }) => [...jobs.keys()])).toEqual([['a'], ['b']]);
    expect(engine.state()).toMatchObject({ queued: 1 });
    members[1]?.jobs.get('b')?.resolve('heard b');
    expect(await results[1]).toBe('heard b');
    await turn();
    expect(members.map(({ jobs }) => [...jobs.keys()])).toEqual([['a'], ['c']]);
    members[0].jobs.get('a')?.resolve('heard a');
    members[1]?.jobs.get('c')?.resolve('heard c');
    expect(await Promise.all(results)).toEqual(['heard a', 'heard b', 'heard c']);
  });

  it('gives no job to a process that crashes as long as another one works', async () => {
    const { members, engine } = pool(2);
    members[0].status = 'broken';
    void engine.run('a', options);
    void engine.run('b', options);
    await turn();
    expect(members.map(({ jobs }) => jobs.size)).toEqual([0, 2]);
    expect(engine.state()).toMatchObject({ status: 'ready' });
    if (members[1]) members[1].error = 'no memory';
    expect(engine.state().status).toBe('broken');
  });

  it('streams, and frees its place when the reader leaves', async () => {
    const { members, engine } = pool(1);
    const read = engine.stream<string, string>('a', options)[Symbol.asyncIterator]();
    const first = read.next();
    await turn();
    members[0].jobs.get('a')?.resolve('chunk');
    expect(await first).toEqual({ done: false, value: 'chunk' });
    void engine.run('b', options);
    await turn();
    expect(members[0].jobs.size).toBe(0);
    await read.return?.();
    await turn();
    expect([...members[0].jobs.keys()]).toEqual(['b']);
  });

  it('has one limit for the queue of all processes', async () => {
    const { engine } = pool(2, 1);
    for (const job of ['a', 'b', 'c']) void engine.run(job, options);
    await expect(engine.run('d', options)).rejects.toMatchObject({ status: 429, code: 'queue_full' });
  });

  it('loads every process', async () => {
    const { members, engine } = pool(3);
    await engine.load();
    expect(members.map(({ loads }) => loads)).toEqual([1, 1, 1]);
  });
});
