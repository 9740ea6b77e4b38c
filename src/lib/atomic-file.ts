import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes, or a function that writes them into the open file. */
export type FileContent = string | Uint8Array | ((file: FileHandle) => Promise<void>);

export interface AtomicWriteOptions {
  /** The temporary file, in the same folder. Several concurrent writers need different names. */
  aside?: string;
  /** Permissions of the file. */
  mode?: number;
}

/**
 * Replaces a file in one step: a reader sees the old content or the new, even after a power cut. Rejects with the
 * system's error and removes the temporary file then.
 */
export async function writeFileAtomically(
  path: string,
  content: FileContent,
  { aside = `${path}.new`, mode }: AtomicWriteOptions = {},
): Promise<void> {
  try {
    await writeDurably(aside, content, mode);
    await renameDurably(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Writes a file and waits until its content is on the disk. */
export async function writeDurably(path: string, content: FileContent, mode?: number): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    if (typeof content === 'function') await content(file);
    else await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Renames a file or folder within its folder, and waits until the new name is on the disk. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Waits until the names in a folder are on the disk. Windows has no such call. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}
