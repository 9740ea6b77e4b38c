import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Manifest } from './manifest.js';
import { loadManifests } from './manifests.js';
import { createModelStore, type FileModelStore } from './model-store.js';

const signal = new AbortController().signal;

describe('models in an installed package', () => {
  let directory: string;
  let store: FileModelStore;
  let silero: Manifest;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'models-'));
    store = createModelStore({ directory, logger: { info: vi.fn(), warn: vi.fn() } });
    silero = (await loadManifests()).find(({ id }) => id === 'silero-vad')!;
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('are used in place once their sums are right', async () => {
    const model = await store.ensure(silero, { signal });

    const graph = await readFile(join(model.directory, silero.files[0]!.path));
    expect(graph.byteLength).toBe(silero.files[0]!.size);
    expect(model.directory).toContain('node_modules');
  });

  it('are refused when the installed file is another one', async () => {
    const other = { ...silero, files: silero.files.map((file) => ({ ...file, sha256: 'a'.repeat(64) })) };

    await expect(store.ensure(other, { signal })).rejects.toThrow(
      /dist\/silero_vad_v5\.onnx: has a wrong SHA-256 sum in the installed package @ricky0123\/vad-web, of which version 0\.0\.31 is expected\. Run npm ci/,
    );
  });

  it('are missed by name when the package is not there', async () => {
    await expect(store.ensure({ ...silero, repository: 'npm:@nobody/nothing' }, { signal })).rejects.toThrow(
      /package @nobody\/nothing is not installed/,
    );
  });

  it("are not the store's to delete", async () => {
    await expect(store.remove(silero)).rejects.toThrow(/part of the installed package/);
  });
});
