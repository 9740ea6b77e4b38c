import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entryPoint } from '../../src/lib/entry-point.js';
import type { LocalModel, ModelProgress } from '../../src/models/model-store.types.js';
import { startFakeHub, type FakeHub } from '../support/fake-hub.js';
import { config, GRAPH, graph, manifest, stock } from '../support/tiny-model.js';

describe('the model store across processes', () => {
  let hub: FakeHub;
  let directory: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'processes-'));
    hub = await startFakeHub();
    stock(hub);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await hub.close();
    await rm(directory, { recursive: true });
  });

  function pull(): ChildProcess {
    const { path, execArgv } = entryPoint(import.meta.url, '../support/pull-tiny-model');
    const child = fork(path, [JSON.stringify({ directory, source: hub.url, manifest })], { execArgv });
    children.push(child);
    return child;
  }

  async function message<T>(child: ChildProcess, wanted: (sent: T) => boolean): Promise<T> {
    for (;;) {
      const [sent] = (await once(child, 'message')) as [T];
      if (wanted(sent)) return sent;
    }
  }

  const located = (child: ChildProcess) => message<LocalModel>(child, (sent) => 'directory' in sent);
  const progress = (child: ChildProcess, wanted: (sent: ModelProgress) => boolean) =>
    message<ModelProgress>(child, (sent) => 'state' in sent && wanted(sent));
  const stored = () => readFile(join(directory, 'Xenova/tiny/onnx/model.onnx'));

  it('downloads each file once for two processes; the second waits and sees the progress of the first', async () => {
    hub.fail(GRAPH, { kind: 'stall', afterBytes: 100_000 });
    const first = pull();
    await progress(first, ({ received }) => received >= 100_000 + config.length);
    const second = pull();

    // On its way there it may wait for the small file for a moment; what counts is that it comes to see this.
    await progress(
      second,
      ({ state, file, received }) =>
        state === 'waiting' && file === 'onnx/model.onnx' && received === 100_000 + config.length,
    );
    const both = Promise.all([located(first), located(second)]);
    hub.release();

    const [one, other] = await both;
    expect(one).toEqual(other);
    expect(hub.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
    expect((await stored()).equals(graph)).toBe(true);
  });

  it('resumes the download of a killed process without waiting for its lock', async () => {
    hub.fail(GRAPH, { kind: 'stall', afterBytes: 100_000 });
    const killed = pull();
    await progress(killed, ({ received }) => received >= 100_000 + config.length);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect((await stat(join(directory, 'Xenova/tiny/onnx/model.onnx.part'))).size).toBe(100_000);

    await located(pull());

    expect(hub.requests.at(-1)!.headers.range).toBe('bytes=100000-');
    expect((await stored()).equals(graph)).toBe(true);
    expect(await readdir(join(directory, 'Xenova/tiny/onnx'))).toEqual(['model.onnx']);
  });
});
