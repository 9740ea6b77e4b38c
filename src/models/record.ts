import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../lib/system-error.js';
import { acquireFileLock, type LockTiming } from '../lib/file-lock.js';
import type { Manifest } from './manifest.js';
import { writeFileAtomically } from '../lib/atomic-file.js';

const FileRecord = z.object({
  size: z.number(),
  sha256: z.string(),
  /**
   * Modification time of the file when its hash was last verified. While time and size stay the same, the content is
   * not hashed again.
   */
  mtimeMs: z.number(),
});
export type FileRecord = z.infer<typeof FileRecord>;

const ModelRecord = z.object({
  repository: z.string(),
  /** The revision in the manifest, and the commit that the hub answered with, which is requested from then on. */
  revision: z.string(),
  commit: z.string().optional(),
  files: z.record(z.string(), FileRecord),
  /** Optional files that the repository lacks. */
  absent: z.array(z.string()),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

const NAME = '.model-record.json';

export function emptyRecord({ repository, revision }: Manifest): ModelRecord {
  return { repository, revision, files: {}, absent: [] };
}

/** The record of the files in a model's folder. Empty when the record is missing or invalid. */
export async function readRecord(directory: string): Promise<ModelRecord | undefined> {
  try {
    return ModelRecord.parse(JSON.parse(await readFile(join(directory, NAME), 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof z.ZodError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

/** Changes the record atomically across processes, starting from an empty one if there is none. */
export async function updateRecord(
  directory: string,
  manifest: Manifest,
  change: (record: ModelRecord) => ModelRecord,
  options: { timing: LockTiming; signal: AbortSignal },
): Promise<ModelRecord> {
  const path = join(directory, NAME);
  const lock = await acquireFileLock(`${path}.lock`, options);
  try {
    const record = change((await readRecord(directory)) ?? emptyRecord(manifest));
    await mkdir(directory, { recursive: true });
    await writeFileAtomically(path, `${JSON.stringify(record, null, 2)}\n`);
    return record;
  } finally {
    await lock.release();
  }
}
