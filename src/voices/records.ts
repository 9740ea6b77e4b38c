import type { z } from 'zod';
import { invalidRequest } from '../lib/errors.js';

/** The fields of every record. */
export interface StoredRecord {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export interface RecordsOptions<Entry extends StoredRecord> {
  /** Prefix of the ids, for example `voice`. */
  kind: string;
  schema: z.ZodType<Entry>;
  /** Largest number of records; more are rejected. */
  limit: number;
  /** Called for every record that a list omits because it is damaged. */
  onDamaged?: (error: unknown) => void;
}

/** Records with files, in folders of this machine or in S3. Any number of processes may share them. */
export interface Records<Entry extends StoredRecord> {
  /** Creates an id that cannot be guessed. */
  newId(): string;
  /** Throws AppError 400 when the limit is reached. */
  checkRoom(): Promise<void>;
  /** Rejects with AppError: 400 when there are too many, 503 when it cannot be stored. */
  create(record: Entry, files: Readonly<Record<string, Uint8Array>>): Promise<void>;
  /** Null for an invalid id or a missing record. Throws when the record is damaged. */
  get(id: string): Promise<Entry | null>;
  /** The newest first. Rejects with AppError 503 when they cannot be read at the moment. */
  list(): Promise<Entry[]>;
  /** The record with its new name; null when there is none. */
  rename(id: string, name: string): Promise<Entry | null>;
  /** Deletes the record with all its files; false when there is none. Rejects with AppError 503 when it cannot be removed. */
  remove(id: string): Promise<boolean>;
  /** Null when there is no such record or file. */
  readFile(id: string, file: string): Promise<Uint8Array | null>;
  /** Changes with every replacement of the file; null when there is no such record or file. */
  versionOf(id: string, file: string): Promise<string | null>;
  /** Replaces a file of a record atomically; false when the record is gone. Rejects with AppError 503 when it cannot be stored. */
  writeFile(id: string, file: string, content: Uint8Array): Promise<boolean>;
  /** Removes half-written and half-removed records of processes that died. */
  sweep(): Promise<void>;
}

/** Opens the records of one kind in a chosen place. */
export type OpenRecords = <Entry extends StoredRecord>(options: RecordsOptions<Entry>) => Records<Entry>;

export function newestFirst(one: StoredRecord, other: StoredRecord): number {
  return other.createdAt - one.createdAt || (one.id < other.id ? -1 : 1);
}

export function tooManyRecords(kind: string, limit: number): Error {
  return invalidRequest(
    `There are ${limit} ${kind}s already, as many as this service keeps: delete one first.`,
    { code: 'limit_reached' },
  );
}
