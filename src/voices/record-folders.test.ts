import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConsentStore } from './consent-store.js';

const VOICES = 100;
let directory: string;
let store: ConsentStore;
let damaged: unknown[];
let read: (path: string) => Promise<Uint8Array>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'record-folders-'));
  damaged = [];
  read = (path) => readFile(path);
  store = new ConsentStore({
    directory,
    limit: VOICES,
    onDamaged: (error) => damaged.push(error),
    readFile: (path) => read(path),
  });
  for (let index = 0; index < VOICES; index++) {
    const id = `cons_${index.toString(16).padStart(32, '0')}`;
    await mkdir(join(directory, id));
    const record = { id, name: 'n', createdAt: index, language: 'ar' };
    await writeFile(join(directory, id, 'record.json'), JSON.stringify(record));
  }
});
afterEach(() => rm(directory, { recursive: true }));

it('lists all records with few files open at once', async () => {
  let open = 0;
  let most = 0;
  read = async (path) => {
    most = Math.max(most, ++open);
    return readFile(path).finally(() => open--);
  };
  expect(await store.list()).toHaveLength(VOICES);
  expect(most).toBeLessThan(20);
});

it('answers 503 when no more files can be opened, instead of a shorter list', async () => {
  const full = Object.assign(new Error('too many open files'), { code: 'EMFILE', syscall: 'open' });
  read = () => Promise.reject(full);
  await expect(store.list()).rejects.toMatchObject({ status: 503, code: 'voices_unavailable' });
  expect(damaged).toEqual([]);
});

it('omits a damaged record and reports it', async () => {
  await writeFile(join(directory, `cons_${'0'.repeat(32)}`, 'record.json'), '{"id":');
  expect(await store.list()).toHaveLength(VOICES - 1);
  expect(damaged).toHaveLength(1);
});
