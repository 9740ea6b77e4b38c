import { RecordFolders } from './record-folders.js';
import { consentRecord, type ConsentRecord } from './voice-record.js';

export interface ConsentStoreOptions {
  directory: string;
  /** Largest number of recordings. */
  limit: number;
  /** Called for every consent that a list omits because its record is damaged. */
  onDamaged?: (error: unknown) => void;
  /** Reads a whole file; the file system unless a test watches or fails it. */
  readFile?: (path: string) => Promise<Uint8Array>;
}

const RECORDING_FILE = 'recording.wav';

/** Recordings of consent to voice cloning, one folder each. */
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

  /** Null when there is no such consent, as for the methods below. */
  get(id: string): Promise<ConsentRecord | null> {
    return this.#folders.get(id);
  }

  recording(id: string): Promise<Uint8Array | null> {
    return this.#folders.readFile(id, RECORDING_FILE);
  }

  rename(id: string, name: string): Promise<ConsentRecord | null> {
    return this.#folders.rename(id, name);
  }

  /** False when there is no such consent. */
  remove(id: string): Promise<boolean> {
    return this.#folders.remove(id);
  }

  /** Removes unfinished records of processes that died. */
  sweep(): Promise<void> {
    return this.#folders.sweep();
  }
}
