import { RecordFolders } from './record-folders.js';
import type { OpenRecords, Records } from './records.js';
import { consentRecord, type ConsentRecord } from './voice-record.js';

export interface ConsentStoreOptions {
  /** Folder of the recordings, where `open` is absent. */
  directory: string;
  /** Opens the records elsewhere. */
  open?: OpenRecords;
  /** Largest number of recordings. */
  limit: number;
  /** Called for every consent that a list omits because its record is damaged. */
  onDamaged?: (error: unknown) => void;
  /** Reads a whole file; the file system unless a test watches or fails it. */
  readFile?: (path: string) => Promise<Uint8Array>;
}

const RECORDING_FILE = 'recording.wav';

/** Recordings of consent to voice cloning, one record each. */
export class ConsentStore {
  readonly #records: Records<ConsentRecord>;

  constructor({ open, ...options }: ConsentStoreOptions) {
    const settings = { ...options, kind: 'cons', schema: consentRecord };
    this.#records = open ? open(settings) : new RecordFolders(settings);
  }

  /** `recording` is a WAV file. Rejects with AppError: 400 when there are too many, 503 when it cannot be stored. */
  async create(about: { name: string; language: string }, recording: Uint8Array): Promise<ConsentRecord> {
    const consent = { id: this.#records.newId(), ...about, createdAt: Date.now() };
    await this.#records.create(consent, { [RECORDING_FILE]: recording });
    return consent;
  }

  /** The newest first. */
  list(): Promise<ConsentRecord[]> {
    return this.#records.list();
  }

  /** Null when there is no such consent, as for the methods below. */
  get(id: string): Promise<ConsentRecord | null> {
    return this.#records.get(id);
  }

  recording(id: string): Promise<Uint8Array | null> {
    return this.#records.readFile(id, RECORDING_FILE);
  }

  rename(id: string, name: string): Promise<ConsentRecord | null> {
    return this.#records.rename(id, name);
  }

  /** False when there is no such consent. */
  remove(id: string): Promise<boolean> {
    return this.#records.remove(id);
  }

  /** Removes unfinished records of processes that died. */
  sweep(): Promise<void> {
    return this.#records.sweep();
  }
}
