import type { Manifest } from './manifest.js';

/** A model whose files are all on disk and verified. */
export interface LocalModel {
  id: string;
  /** Folder with the manifest's files under their repository paths. Read-only for engines. */
  directory: string;
  /** Writable folder of this model and these weights for what engines derive from them (edited graphs). */
  derivedDirectory: string;
}

export interface ModelProgress {
  id: string;
  state: 'missing' | 'waiting' | 'downloading' | 'verifying' | 'ready' | 'failed';
  /** The file that is being downloaded or verified. */
  file?: string;
  received: number;
  total: number;
  percent: number;
  /** Why the last connection failed, while it is retried. */
  retrying?: string;
  error?: string;
}

export interface ModelStore {
  /**
   * Makes sure that the manifest's files (of one variant, if given) are on disk and verified, and resolves with their
   * folder. Concurrent calls for one model share one download, also across processes. Rejects with AppError 503 that
   * names the file and what to do.
   */
  ensure(manifest: Manifest, options: { variant?: string; signal: AbortSignal }): Promise<LocalModel>;
  /** The progress of every model that was requested. */
  progress(): ModelProgress[];
}
