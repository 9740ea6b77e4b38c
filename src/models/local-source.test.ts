import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Manifest } from './manifest.js';
import { createModelStore, type FileModelStore } from './model-store.js';

const signal = new AbortController().signal;
const logger = { info: vi.fn(), warn: vi.fn() };
const manifest: Manifest = {
  id: 'tiny',
  kind: 'stt',
  engine: 'whisper',
  repository: 'Xenova/tiny',
  revision: 'main',
  licence: 'MIT',
  files: [
    { path: 'config.json' },
    { path: 'onnx/q8.onnx', variants: ['q8'], size: 999, sha256: 'a'.repeat(64) },
    { path: 'onnx/full.onnx', variants: ['fp32'] },
    { path: 'onnx/full.onnx_data', variants: ['fp32'], optional: true },
  ],
};

describe('models from a local directory', () => {
  let source: string;
  let directory: string;
  let store: FileModelStore;

  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), 'source-'));
    directory = await mkdtemp(join(tmpdir(), 'models-'));
    store = createModelStore({ directory, source, logger });
  });
  afterEach(async () => {
    await rm(source, { recursive: true });
    await rm(directory, { recursive: true });
  });

  async function put(path: string, content = 'bytes'): Promise<string> {
    const full = join(source, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
    return full;
  }

  it.each(['Xenova/tiny', 'tiny'])(
    'uses the folder %s in place with its own hashes and writes nothing to it',
    async (folder) => {
      await put(`${folder}/config.json`);
      await put(`${folder}/onnx/q8.onnx`);
      await chmod(join(source, folder), 0o555);

      const model = await store.ensure(manifest, { variant: 'q8', signal });

      expect(model.directory).toBe(join(source, folder));
      expect(await readdir(directory)).toEqual(['derived']);
      expect(store.progress()).toEqual([
        { id: 'tiny', state: 'ready', received: 10, total: 10, percent: 100 },
      ]);
    },
  );

  it('accepts a file: address', async () => {
    await put('tiny/config.json');
    await put('tiny/onnx/q8.onnx');
    const byAddress = createModelStore({ directory, source: `file://${source}`, logger });

    await expect(byAddress.ensure(manifest, { variant: 'q8', signal })).resolves.toMatchObject({
      directory: join(source, 'tiny'),
    });
  });

  it('names the missing file, its folder, and the variant that exists', async () => {
    await put('tiny/config.json');
    await put('tiny/onnx/q8.onnx');

    await expect(store.ensure(manifest, { variant: 'fp32', signal })).rejects.toMatchObject({
      status: 503,
      message:
        'Model tiny is not available: onnx/full.onnx: not in the folder tiny of MODEL_SOURCE. It has the variant q8: ask for that, or add the file.',
    });
  });

  it('names only the missing file when no variant is complete', async () => {
    await put('tiny/onnx/q8.onnx');

    await expect(store.ensure(manifest, { variant: 'q8', signal })).rejects.toThrow(
      'config.json: not in the folder tiny of MODEL_SOURCE. Add it there.',
    );
  });

  it('names the folders that it looked for', async () => {
    await expect(store.ensure(manifest, { signal })).rejects.toThrow(
      'MODEL_SOURCE has neither Xenova/tiny nor tiny',
    );
  });

  it('recognises a Git LFS pointer', async () => {
    await put('tiny/config.json');
    await put('tiny/onnx/q8.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');

    await expect(store.ensure(manifest, { variant: 'q8', signal })).rejects.toThrow(
      /onnx\/q8\.onnx: is a Git LFS pointer.*git lfs pull/,
    );
  });

  it('rejects an empty file, on loading and on verifying', async () => {
    await put('tiny/config.json');
    await put('tiny/onnx/q8.onnx', '');
    const refusal = /onnx\/q8\.onnx: is empty in the folder tiny/;

    await expect(store.ensure(manifest, { variant: 'q8', signal })).rejects.toThrow(refusal);
    await expect(store.verify(manifest, { signal })).rejects.toThrow(refusal);
  });

  it('uses another derived folder when the weights change', async () => {
    await put('tiny/config.json');
    const graph = await put('tiny/onnx/q8.onnx');
    const before = await store.ensure(manifest, { variant: 'q8', signal });
    await utimes(graph, new Date(), new Date('2026-01-01'));
    const after = await store.ensure(manifest, { variant: 'q8', signal });

    expect(after.derivedDirectory).not.toBe(before.derivedDirectory);
  });

  it('verifies against recorded hashes and distinguishes corruption from replacement', async () => {
    const time = new Date('2026-01-01');
    await put('tiny/config.json');
    const graph = await put('tiny/onnx/q8.onnx', 'sound');
    await utimes(graph, time, time);
    const paths = ['config.json', 'onnx/q8.onnx'];
    expect(await store.verify(manifest, { signal })).toEqual({ right: [], recorded: paths });
    expect(await store.verify(manifest, { signal })).toEqual({ right: paths, recorded: [] });

    await writeFile(graph, 'new weights');
    expect(await store.verify(manifest, { signal })).toEqual({
      right: ['config.json'],
      recorded: ['onnx/q8.onnx'],
    });

    await utimes(graph, time, time);
    await store.verify(manifest, { signal });
    await writeFile(graph, 'NEW WEIGHTS');
    await utimes(graph, time, time);
    await expect(store.verify(manifest, { signal })).rejects.toThrow(
      /onnx\/q8\.onnx: its content has changed, but not its date/,
    );
  });

  it('does not remove files, because they belong to the owner of the folder', async () => {
    await put('tiny/config.json');

    await expect(store.remove(manifest)).rejects.toThrow(/used in place from the folder MODEL_SOURCE/);
  });
});
