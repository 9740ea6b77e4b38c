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
  /** Of the file when its sum was last found right: while it and the size stay, the content is not summed again. */
  mtimeMs: z.number(),
});
export type FileRecord = z.infer<typeof FileRecord>;

const ModelRecord = z.object({
  repository: z.string(),
  /** What the manifest asked for, and the commit that the hub answered with: asked for ever after. */
  revision: z.string(),
  commit: z.string().optional(),
  files: z.record(z.string(), FileRecord),
  /** Optional files that the repository does not have. */
  absent: z.array(z.string()),
});
export type ModelRecord = z.infer<typeof ModelRecord>;

const NAME = '.model-record.json';

export function emptyRecord({ repository, revision }: Manifest): ModelRecord {
  return { repository, revision, files: {}, absent: [] };
}

/** What is known of the files in a model's folder; nothing when the record is missing or cannot be understood. */
export async function readRecord(directory: string): Promise<ModelRecord | undefined> {
  try {
    return ModelRecord.parse(JSON.parse(await readFile(join(directory, NAME), 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof z.ZodError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

/** Changes the record in one step across processes, starting from an empty one where there is none. */
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
