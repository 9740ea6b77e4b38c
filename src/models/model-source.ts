import type { Hasher } from './hash.js';
import type { Manifest, ManifestFile } from './manifest.js';
import type { ModelTracker } from './progress.js';

/** Where models come from: a hub, a local directory, an installed package. */
export interface ModelSource {
  /** Makes the files available and checked. Rejects with a failure whose message starts with the file's path. */
  prepare(manifest: Manifest, files: readonly ManifestFile[], work: Work): Promise<PreparedModel>;
  /** What is on disk, without reading any content. */
  inspect(manifest: Manifest): Promise<StoredFile[]>;
  /** Deletes what the source has put on disk. Rejects where the files are not the store's to delete. */
  remove(manifest: Manifest): Promise<void>;
}

/** What one call of `prepare` works with. */
export interface Work {
  signal: AbortSignal;
  tracker: ModelTracker;
  hasher: Hasher;
  /** Sum every file (`all`), or only those that changed since their sum was last found right. */
  check: 'changed' | 'all';
}

export interface PreparedModel {
  directory: string;
  /** Changes whenever the content may have changed. */
  identity: string;
  /** Files of which no sum was known: what they hold now is what later checks compare with. */
  recorded?: readonly string[];
}

/** Paths of a model's files that `verify` has read. */
export interface VerifiedModel {
  /** Compared with a sum that was known before. */
  right: string[];
  /** Read for the first time, or replaced since: there was nothing to compare with. */
  recorded: string[];
}

export interface StoredFile {
  file: ManifestFile;
  /** `empty`: there, without a byte in it, which no model's file is. */
  state: 'ready' | 'partial' | 'missing' | 'empty';
  /** On disk. */
  bytes: number;
}

/** Whether there is a file to read; of an optional one there may be none. */
export function isOnDisk({ state, bytes }: StoredFile): boolean {
  return state === 'empty' || (state === 'ready' && bytes > 0);
}
