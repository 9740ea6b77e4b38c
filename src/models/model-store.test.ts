import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../lib/errors.js';
import { startFakeHub, type FakeHub, type FakeHubOptions } from '../../test/support/fake-hub.js';
import { config, CONFIG, GRAPH, manifest, stock, unsummed } from '../../test/support/tiny-model.js';
import { createModelStore, type FileModelStore, type ModelStoreOptions } from './model-store.js';

/** A busy machine starts threads slowly; given up early, the download would outlive its test. */
const PATIENTLY = { timeout: 30_000 };

describe('the model store', () => {
  let hub: FakeHub;
  let directory: string;
  let signal: AbortSignal;
  const stores: FileModelStore[] = [];
  const hubs: FakeHub[] = [];
  const logger = { info: vi.fn(), warn: vi.fn() };

  beforeEach(async () => {
    vi.clearAllMocks();
    directory = await mkdtemp(join(tmpdir(), 'hub-source-'));
    signal = new AbortController().signal;
    hub = await newHub();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await Promise.all(hubs.splice(0).map((open) => open.close()));
    await rm(directory, { recursive: true });
  });

  async function newHub(options: FakeHubOptions = {}): Promise<FakeHub> {
    const created = await startFakeHub(options);
    hubs.push(created);
    stock(created);
    return created;
  }

  function newStore(options: Partial<ModelStoreOptions> = {}): FileModelStore {
    const timing = { pause: async () => undefined, stallMs: 10_000, pollMs: 5 };
    const store = createModelStore({ directory, source: hub.url, logger, timing, ...options });
    stores.push(store);
    return store;
  }

  async function failure(pending: Promise<unknown>): Promise<AppError> {
    const error = await pending.then(
      () => expect.fail('It should have failed.'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  }

  const modelFile = (path: string) => join(directory, 'Xenova/tiny', path);
  it('shares one download between concurrent calls', async () => {
    const store = newStore();
    await Promise.all([1, 2, 3].map(() => store.ensure(manifest, { signal })));

    expect(hub.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'GET']);
  });

  it('starts anew after a failure', async () => {
    const store = newStore();
    hub.failAlways(CONFIG, { kind: 'status', status: 404 });
    await failure(store.ensure(manifest, { signal }));
    hub.failAlways(CONFIG, null);

    await expect(store.ensure(manifest, { signal })).resolves.toMatchObject({ id: 'tiny' });
  });

  it('says what failed and what to do about it', async () => {
    hub.failAlways(CONFIG, { kind: 'status', status: 503, headers: { 'retry-after': '9' } });
    const store = newStore();
    const error = await failure(store.ensure(manifest, { signal }));

    expect(error).toMatchObject({ status: 503, code: 'model_unavailable', retryAfterMs: 9000 });
    expect(error.message).toMatch(/Model tiny is not available: config\.json.*HTTP 503.*MODEL_SOURCE/);
    expect(store.progress()).toMatchObject([{ id: 'tiny', state: 'failed', error: error.message }]);
  });

  describe('when callers leave', () => {
    it('keeps what it has when the caller leaves', async () => {
      const controller = new AbortController();
      hub.fail(GRAPH, { kind: 'stall', afterBytes: 100_000 });
      const store = newStore();
      const model = store.ensure(manifest, { signal: controller.signal });
      await vi.waitUntil(() => store.progress()[0]!.received > 100_000, PATIENTLY);
      controller.abort();

      await expect(model).rejects.toThrow(/abort/i);
      await store.close();
      expect((await stat(modelFile('onnx/model.onnx.part'))).size).toBe(100_000);
      expect(store.progress()[0]).toMatchObject({ state: 'missing' });
      expect(await readdir(modelFile('onnx'))).not.toContain('model.onnx.lock');
    });

    it('goes on for those who stay when one of several callers leaves', async () => {
      const controller = new AbortController();
      hub.fail(GRAPH, { kind: 'stall', afterBytes: 100_000 });
      const store = newStore();
      const leaving = store.ensure(manifest, { signal: controller.signal });
      const staying = store.ensure(manifest, { signal });
      await vi.waitUntil(() => store.progress()[0]!.received > 100_000, PATIENTLY);
      controller.abort();
      await expect(leaving).rejects.toThrow();
      hub.release();

      await expect(staying).resolves.toMatchObject({ id: 'tiny' });
    });
  });

  it('follows the download in progress and log, in tenths', async () => {
    const store = newStore();
    hub.fail(GRAPH, { kind: 'stall', afterBytes: 160_000 });
    const model = store.ensure(unsummed, { signal });
    await vi.waitUntil(() => (store.progress()[0]?.received ?? 0) > 160_000, PATIENTLY);

    expect(store.progress()).toEqual([
      {
        id: 'tiny',
        state: 'downloading',
        file: 'onnx/model.onnx',
        received: 160_000 + config.length,
        total: 300_000 + config.length,
        percent: 53,
      },
    ]);

    hub.release();
    await model;
    expect(store.progress()).toEqual([
      {
        id: 'tiny',
        state: 'ready',
        received: 300_000 + config.length,
        total: 300_000 + config.length,
        percent: 100,
      },
    ]);
    const lines = logger.info.mock.calls.map(([, message]) => message as string);
    expect(lines[0]).toBe('Model download started');
    expect(lines.at(-1)).toBe('Model download finished');
    expect(lines.length).toBeLessThanOrEqual(12);
  });

  it('refuses a source that is neither a folder nor a plain address', () => {
    expect(() => newStore({ source: 'https://name:password@example.org' })).toThrow(/HF_TOKEN/);
  });

  it('refuses a variant that the manifest does not have, naming those it has', async () => {
    const files = [
      { path: 'a', variants: ['q8'] },
      { path: 'b', variants: ['fp32'] },
    ];
    const pending = newStore().ensure({ ...manifest, files }, { variant: 'fp16', signal });

    await expect(pending).rejects.toThrow('Model tiny has no variant "fp16"; it has q8 and fp32.');
  });
});
