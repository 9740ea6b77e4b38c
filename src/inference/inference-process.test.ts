import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { entryPoint } from '../lib/entry-point.js';
import { FakeClock } from '../lib/fake-clock.js';
import { createLogger } from '../observability/logger.js';
import { CHUNK_WINDOW } from './protocol.js';
import { InferenceProcess, type InferenceProcessOptions } from './inference-process.js';
import type { JobOptions } from './inference-engine.js';
import type { SupervisedEngine } from './supervised-engine.js';
import { until } from '../../test/support/until.js';

const entry = {
  ...entryPoint(import.meta.url, '../../test/support/test-child'),
  env: { PATH: process.env['PATH'] },
};
const never = new AbortController().signal;
const started: InferenceProcess[] = [];

function start(overrides: Partial<InferenceProcessOptions> = {}): InferenceProcess {
  const process = new InferenceProcess({
    name: 'test',
    entry,
    logger: createLogger('silent'),
    queueLimit: 4,
    timeoutMs: 1_000,
    cancelGraceMs: 2_000,
    idleUnloadMs: 0,
    memoryLimitBytes: 0,
    clock: new FakeClock(),
    ...overrides,
  });
  started.push(process);
  return process;
}

/** A job's chunks, read by hand. */
function streamOf(engine: SupervisedEngine, job: unknown, options: JobOptions): AsyncIterator<unknown> {
  return engine.stream(job, options)[Symbol.asyncIterator]();
}

function engineOf(process: InferenceProcess, options: unknown = {}): SupervisedEngine {
  return process.engine('test', { kind: 'test', prepare: () => Promise.resolve(options) });
}

function alive(pid: number): boolean {
  try {
    return globalThis.process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a job that emits once, and waits for that. */
async function begin(
  engine: SupervisedEngine,
  job: unknown,
  signal = never,
): Promise<AsyncIterator<unknown>> {
  const stream = streamOf(engine, job, { signal });
  await stream.next();
  return stream;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.close()));
});

describe('an inference process', () => {
  it('starts with its first job and carries typed arrays both ways', async () => {
    const process = start();
    const engine = engineOf(process);
    expect(process.state().pid).toBeNull();
    const value = { samples: new Float32Array([0.5, -1]), nested: { a: [1, 2] } };
    expect(await engine.run({ do: 'echo', value }, { signal: never })).toEqual(value);
    expect(engine.state()).toMatchObject({ status: 'ready', queued: 0 });
  });

  it('streams any number of chunks in order and passes on errors that are meant for the caller', async () => {
    const engine = engineOf(start());
    const seen: unknown[] = [];
    for await (const chunk of engine.stream({ do: 'count', to: 100 }, { signal: never })) seen.push(chunk);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
    await expect(engine.run({ do: 'refuse' }, { signal: never })).rejects.toMatchObject({
      status: 400,
      param: 'text',
    });
    await expect(engine.run({ do: 'throw' }, { signal: never })).rejects.toThrow('a bug');
  });

  it('cancels between two steps: the caller continues at once and the process keeps running', async () => {
    const process = start();
    const engine = engineOf(process);
    const caller = new AbortController();
    const stream = await begin(engine, { do: 'run-until-cancelled' }, caller.signal);
    const pid = process.state().pid;
    caller.abort(new Error('hung up'));
    await expect(stream.next()).rejects.toThrow('hung up');
    expect(await engine.run({ do: 'echo', value: 1 }, { signal: never })).toBe(1);
    expect(process.state().pid).toBe(pid);
  });

  it('stops the job in the child when the caller leaves the loop', async () => {
    const engine = engineOf(start());
    for await (const _ of engine.stream({ do: 'run-until-cancelled' }, { signal: never })) break;
    expect(await engine.run({ do: 'echo', value: 1 }, { signal: never })).toBe(1);
  });

  it('kills a child that exceeds its deadline and serves the next call with a new one', async () => {
    const clock = new FakeClock();
    const process = start({ clock });
    const engine = engineOf(process);
    const stream = await begin(engine, { do: 'block-for-ever' });
    const stuck = process.state().pid as number;
    clock.advance(1_000);
    await expect(stream.next()).rejects.toMatchObject({ status: 503, code: 'deadline_exceeded' });
    clock.advance(2_000);
    expect(await engine.run({ do: 'echo', value: 1 }, { signal: never })).toBe(1);
    expect(alive(stuck)).toBe(false);
  });

  it('gives long recordings a later deadline', async () => {
    const clock = new FakeClock();
    const engine = engineOf(start({ clock }));
    const stream = streamOf(engine, { do: 'run-until-cancelled' }, { signal: never, seconds: 10 });
    await stream.next();
    clock.advance(20_999);
    const next = stream.next();
    clock.advance(1);
    await expect(next).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('loses only the running call on kill -9; the next process serves the waiting calls', async () => {
    const process = start();
    const engine = engineOf(process);
    for (let round = 0; round < 5; round++) {
      const stream = await begin(engine, { do: 'run-until-cancelled' });
      const waiting = [1, 2, 3].map((value) => engine.run({ do: 'echo', value }, { signal: never }));
      globalThis.process.kill(process.state().pid as number, 'SIGKILL');
      const error = await stream.next().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ status: 503, code: 'engine_crashed', retryAfterMs: 1_000 });
      expect(await Promise.all(waiting)).toEqual([1, 2, 3]);
    }
    expect(process.state().restarts).toBe(5);
  });

  it('opens the breaker when the child crashes repeatedly, reports it, and tries again later', async () => {
    const clock = new FakeClock();
    const engine = engineOf(start({ clock }), { crash: true });
    const codes: unknown[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      codes.push(
        await engine.run({ do: 'echo' }, { signal: never }).catch((error: { code: string }) => error.code),
      );
      if (attempt < 4) clock.advance(2_000);
    }
    expect(codes).toContain('engine_crashed');
    expect(codes.at(-1)).toBe('engine_unavailable');
    expect(engine.state()).toMatchObject({ status: 'broken', retryAfterMs: 30_000 });
    clock.advance(30_000);
    expect(engine.state().status).not.toBe('broken');
  });

  it('reports a model that does not load as 503 without its inner message', async () => {
    const engine = engineOf(start(), { fail: true });
    await expect(engine.run({ do: 'echo' }, { signal: never })).rejects.toMatchObject({
      status: 503,
      message: expect.not.stringContaining('bad model file') as unknown,
    });
  });

  it('passes on a load error that is meant for the caller, and pauses only that engine', async () => {
    const clock = new FakeClock();
    const process = start({ clock });
    const broken = process.engine('broken', {
      kind: 'test',
      prepare: () => Promise.resolve({ refuse: 'vocab.json is missing' }),
    });
    const works = engineOf(process);
    for (let round = 0; round < 8; round++) {
      await expect(broken.run({ do: 'echo' }, { signal: never })).rejects.toThrow('vocab.json is missing');
      expect(await works.run({ do: 'echo', value: round }, { signal: never })).toBe(round);
    }
    expect(broken.state().error).toContain('vocab.json is missing');
    clock.advance(100);
    for (const wait of [0, 400, 1_600, 30_000]) {
      clock.advance(wait);
      await expect(broken.run({ do: 'echo' }, { signal: never })).rejects.toThrow('vocab.json is missing');
    }
    expect(broken.state()).toMatchObject({ status: 'broken', retryAfterMs: 30_000 });
    expect(works.state().status).toBe('ready');
    expect(await works.run({ do: 'echo', value: 'still here' }, { signal: never })).toBe('still here');
  });

  it('rejects calls at once while the model is being fetched', async () => {
    const { unavailable } = await import('../lib/errors.js');
    const process = start();
    const engine = process.engine('test', {
      kind: 'test',
      prepare: () => new Promise(() => undefined),
      unavailable: () => unavailable('downloading, 40 %', 5_000),
    });
    await expect(engine.run({ do: 'echo' }, { signal: never })).rejects.toMatchObject({
      status: 503,
      retryAfterMs: 5_000,
    });
  });

  it('ends when idle and starts again with the next call', async () => {
    const clock = new FakeClock();
    const process = start({ clock, idleUnloadMs: 60_000 });
    const engine = engineOf(process);
    await engine.run({ do: 'echo', value: 1 }, { signal: never });
    const pid = process.state().pid as number;
    clock.advance(60_000);
    expect(process.state().pid).toBeNull();
    await until(() => !alive(pid), 'the end of the process');
    expect(process.state().restarts).toBe(0);
    expect(await engine.run({ do: 'echo', value: 2 }, { signal: never })).toBe(2);
  });

  it('replaces an idle child that has grown beyond the limit', async () => {
    const process = start({ memoryLimitBytes: 64 * 2 ** 20 });
    const engine = engineOf(process);
    await engine.run({ do: 'echo' }, { signal: never });
    const pid = process.state().pid;
    await engine.run({ do: 'grow', bytes: 200 * 2 ** 20 }, { signal: never });
    await until(() => process.state().pid !== pid && process.state().pid !== null, 'the next process');
    expect(await engine.run({ do: 'grow', bytes: 1 }, { signal: never })).toBe(1);
  });

  it('replaces it between two jobs when the queue is never empty', async () => {
    const process = start({ memoryLimitBytes: 64 * 2 ** 20 });
    const engine = engineOf(process);
    await engine.run({ do: 'echo' }, { signal: never });
    const pid = process.state().pid;
    const grown = engine.run({ do: 'grow', bytes: 200 * 2 ** 20 }, { signal: never });
    // The size is known with the message after a job, so the second job still runs in the old process.
    const waiting = [1, 2, 3].map(() => engine.run({ do: 'grow', bytes: 1 }, { signal: never }));
    expect(await grown).toBe(1);
    expect((await Promise.all(waiting)).at(-1)).toBeLessThan(4);
    expect(process.state().pid).not.toBe(pid);
    expect(process.state().restarts).toBe(0);
  });

  it('makes a child wait while nobody reads its chunks', async () => {
    const process = start();
    const witness = process.engine('witness', { kind: 'test', prepare: () => Promise.resolve({}) });
    const stream = await begin(engineOf(process), { do: 'count', to: 1_000 });
    const told = (): Promise<number> => witness.run({ do: 'tell-count' }, { signal: never });
    let [before, now] = [-1, await told()];
    while (now !== before) [before, now] = [now, await told()];
    // Chunks in the parent's channel, chunks in transit, and the one that was read.
    expect(before).toBeLessThanOrEqual(2 * CHUNK_WINDOW + 1);
    await stream.return?.();
  });

  it("measures a child's memory only between jobs", async () => {
    const process = start({
      memoryLimitBytes: 300 * 2 ** 20,
      entry: { ...entry, execArgv: [...entry.execArgv, '--expose-gc'] },
    });
    const caller = new AbortController();
    const engine = engineOf(process);
    const other = process.engine('other', { kind: 'test', prepare: () => Promise.resolve({}) });
    const stream = await begin(engine, { do: 'hold', bytes: 400 * 2 ** 20 }, caller.signal);
    const pid = process.state().pid;
    // A job that ends beside another one reports no size, because it would include both jobs.
    await other.run({ do: 'echo', value: 1 }, { signal: never });
    await other.run({ do: 'echo', value: 2 }, { signal: never });
    caller.abort(new Error('enough'));
    await expect(stream.next()).rejects.toThrow('enough');
    await engine.run({ do: 'echo', value: 3 }, { signal: never });
    await engine.run({ do: 'echo', value: 4 }, { signal: never });
    expect(process.state().pid).toBe(pid);
  });

  it('rejects work and leaves no process behind after it was closed', async () => {
    const process = start();
    const engine = engineOf(process);
    await engine.run({ do: 'echo' }, { signal: never });
    const pid = process.state().pid as number;
    await process.close();
    expect(alive(pid)).toBe(false);
    await expect(engine.run({ do: 'echo' }, { signal: never })).rejects.toMatchObject({
      code: 'shutting_down',
    });
  });

  it('exits when its parent was killed', async () => {
    const parent = fork(entryPoint(import.meta.url, '../../test/support/test-parent').path, [], {
      execArgv: entry.execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [pid] = (await once(parent, 'message')) as [number];
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !alive(pid), 'the end of the process');
  });
});
