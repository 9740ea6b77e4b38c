import { statfs } from 'node:fs/promises';
import { PermanentFailure } from './download-failure.js';

/** Rejects unless the disk that holds the folder has room for the bytes and a tenth more. */
export async function requireFreeSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const needed = Math.ceil(bytes * 1.1);
  if (bavail * bsize < needed) throw new PermanentFailure(noSpace(needed, bavail * bsize));
}

function noSpace(needed: number, free: number): string {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  return `the disk of MODELS_DIR has ${megabytes(free)} free and ${megabytes(needed)} are needed. Free some space or move MODELS_DIR to a larger disk`;
}
