import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces the file in one step: whoever reads it sees the old content or the new, even after a power cut. One writer at
 * a time: the caller holds a lock.
 */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.new`;
  const file = await open(aside, 'w');
  await file
    .writeFile(content)
    .then(() => file.sync())
    .finally(() => file.close());
  await renameDurably(aside, path);
}

/** Renames within a folder and makes the new name itself survive a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  if (process.platform === 'win32') return;
  const folder = await open(dirname(to), 'r');
  await folder.sync().finally(() => folder.close());
}
