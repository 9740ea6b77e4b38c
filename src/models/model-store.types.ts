import type { Manifest } from './manifest.js';

/** A model whose files are all on disk and checked. */
export interface LocalModel {
  id: string;
  /** Holds the manifest's files under their repository paths. Read-only for engines. */
  directory: string;
  /** Writable folder of this model and these weights for what engines derive from them (edited graphs). */
  derivedDirectory: string;
}

export interface ModelProgress {
  id: string;
  state: 'missing' | 'waiting' | 'downloading' | 'verifying' | 'ready' | 'failed';
  /** The file at work. */
  file?: string;
  received: number;
  total: number;
  percent: number;
  /** Why the last connection failed, while it is tried again: a model that does not move is not on its way. */
  retrying?: string;
  error?: string;
}

export interface ModelStore {
  /**
   * Makes sure that the manifest's files (of one variant, where given) are on disk, checked, and says where. Concurrent
   * calls for one model share one download, across processes too. Rejects with AppError 503 naming the file and the way out.
   */
  ensure(manifest: Manifest, options: { variant?: string; signal: AbortSignal }): Promise<LocalModel>;
  /** Where every model that was asked for stands. */
  progress(): ModelProgress[];
}
