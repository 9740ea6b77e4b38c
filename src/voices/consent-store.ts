import { RecordFolders } from './record-folders.js';
import { consentRecord, type ConsentRecord } from './voice-record.js';

export interface ConsentStoreOptions {
  directory: string;
  /** How many recordings there may be. */
  limit: number;
  /** Told of every consent that a list leaves out because its record cannot be read any more. */
  onDamaged?: (error: unknown) => void;
  /** Reads a whole file; the file system unless a test watches or fails it. */
  readFile?: (path: string) => Promise<Uint8Array>;
}

const RECORDING_FILE = 'recording.wav';

/** Recordings in which people allow that their voice is cloned, a folder each. */
export class ConsentStore {
  readonly #folders: RecordFolders<ConsentRecord>;

  constructor(options: ConsentStoreOptions) {
    this.#folders = new RecordFolders({ ...options, kind: 'cons', schema: consentRecord });
  }

  /** `recording` is a WAV file. Rejects with AppError: 400 when there are too many, 503 when it cannot be stored. */
  async create(about: { name: string; language: string }, recording: Uint8Array): Promise<ConsentRecord> {
    const consent = { id: this.#folders.newId(), ...about, createdAt: Date.now() };
    await this.#folders.create(consent, { [RECORDING_FILE]: recording });
    return consent;
  }

  /** The newest first. */
  list(): Promise<ConsentRecord[]> {
    return this.#folders.list();
  }

  /** Null where there is no such consent; so are the others. */
  get(id: string): Promise<ConsentRecord | null> {
    return this.#folders.get(id);
  }

  recording(id: string): Promise<Uint8Array | null> {
    return this.#folders.readFile(id, RECORDING_FILE);
  }

  rename(id: string, name: string): Promise<ConsentRecord | null> {
    return this.#folders.rename(id, name);
  }

  /** False where there is no such consent. */
  remove(id: string): Promise<boolean> {
    return this.#folders.remove(id);
  }

  /** Removes what processes that died have left. */
  sweep(): Promise<void> {
    return this.#folders.sweep();
  }
}
