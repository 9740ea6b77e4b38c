import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startFakeHub, type FakeHub } from '../../test/support/fake-hub.js';
import { CONFIG, GRAPH, manifest, stock } from '../../test/support/tiny-model.js';
import { createModelStore, type FileModelStore } from './model-store.js';
import type { ModelProgress } from './model-store.types.js';

describe('the progress of a model whose hub fails', () => {
  const signal = new AbortController().signal;
  let hub: FakeHub;
  let directory: string;
  let store: FileModelStore;
  /** The progress during each pause before the next attempt. */
  let seen: (ModelProgress | undefined)[];
  /** The progress each time that it has grown by a tenth. */
  let moved: (ModelProgress | undefined)[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hub-retrying-'));
    hub = await startFakeHub();
    stock(hub);
    seen = [];
    moved = [];
  });
  afterEach(async () => {
    await store.close();
    await hub.close();
    await rm(directory, { recursive: true });
  });

  function storeOf(source: string): FileModelStore {
    const pause = async (): Promise<void> => void seen.push(store.progress()[0]);
    const info = (_: object, message: string): void => {
      if (message === 'Model download') moved.push(store.progress()[0]);
    };
    const logger = { info, warn: vi.fn() };
    const timing = { pause, stallMs: 10_000, pollMs: 5 };
    store = createModelStore({ directory, source, token: 'hf_hidden', logger, timing });
    return store;
  }

  it('gives the reason beside the percentage, with host and code but without the token, until it gives up', async () => {
    await hub.close();
    const { port } = new URL(hub.url);
    await expect(storeOf(`http://localhost:${port}`).ensure(manifest, { signal })).rejects.toThrow();
    expect(seen).toHaveLength(5);
    for (const progress of seen) {
      expect(progress).toMatchObject({ state: 'downloading', percent: 0 });
      expect(progress?.retrying).toContain(`localhost:${port}`);
      expect(progress?.retrying).toContain('ECONNREFUSED');
    }
    expect(JSON.stringify(seen)).not.toContain('hf_hidden');
    expect(store.progress()[0]).not.toHaveProperty('retrying');
    expect(store.progress()[0]).toMatchObject({ state: 'failed' });
  });

  it('removes the reason when bytes arrive again', async () => {
    for (const file of [CONFIG, GRAPH]) hub.fail(file, { kind: 'status', status: 503 });
    await storeOf(hub.url).ensure(manifest, { signal });
    expect(seen[0]?.retrying).toContain('HTTP 503');
    expect(moved.length).toBeGreaterThan(0);
    for (const progress of moved) expect(progress).not.toHaveProperty('retrying');
  });
});
