import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomically } from './atomic-file.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atomic-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeFileAtomically', () => {
  it('replaces a file and leaves no temporary file', async () => {
    const file = path.join(folder, 'record.json');
    await writeFile(file, 'old');
    await writeFileAtomically(file, 'new', { mode: 0o600 });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['record.json']);
  });

  it('keeps the old content when the new one cannot be written, and leaves no temporary file', async () => {
    const file = path.join(folder, 'record.json');
    await writeFile(file, 'old');
    const failing = writeFileAtomically(file, async (handle) => {
      await handle.writeFile('half');
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['record.json']);
  });

  it('allows several writers if each has its own temporary name', async () => {
    const file = path.join(folder, 'record.json');
    const contents = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
    await Promise.all(
      contents.map((content, index) => writeFileAtomically(file, content, { aside: `${file}.${index}` })),
    );
    expect(contents).toContain(await readFile(file, 'utf8'));
    expect(await readdir(folder)).toEqual(['record.json']);
  });
});
