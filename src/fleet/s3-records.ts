import { randomBytes } from 'node:crypto';
import {
  newestFirst,
  tooManyRecords,
  type Records,
  type RecordsOptions,
  type StoredRecord,
} from '../voices/records.js';
import type { S3Bucket } from './s3-bucket.js';

const ID_BYTES = 16;
const RECORD_FILE = 'record.json';
const READ_AT_ONCE = 8;
/** Writing a record takes seconds, so files without a record that are older are left from a process that died. */
const ABANDONED_MS = 10 * 60_000;

/**
 * Records in S3, under `<folder>/<id>/<file>`. The record itself is written last and deleted first: a record that can be read
 * has all its files.
 */
export class S3Records<Entry extends StoredRecord> implements Records<Entry> {
  readonly #bucket: S3Bucket;
  readonly #folder: string;
  readonly #options: RecordsOptions<Entry>;
  readonly #id: RegExp;

  /** `folder` ends with a slash. */
  constructor(bucket: S3Bucket, folder: string, options: RecordsOptions<Entry>) {
    this.#bucket = bucket;
    this.#folder = folder;
    this.#options = options;
    this.#id = new RegExp(`^${options.kind}_[0-9a-f]{${ID_BYTES * 2}}$`);
  }

  newId(): string {
    return `${this.#options.kind}_${randomBytes(ID_BYTES).toString('hex')}`;
  }

  async checkRoom(): Promise<void> {
    const { kind, limit } = this.#options;
    if ((await this.#ids()).length >= limit) throw tooManyRecords(kind, limit);
  }

  async create(record: Entry, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    const { kind, limit } = this.#options;
    await this.checkRoom();
    for (const [file, content] of Object.entries(files))
      await this.#bucket.put(this.#key(record.id, file), content);
    await this.#bucket.put(this.#key(record.id, RECORD_FILE), json(record));
    // Other machines may have added records meanwhile. Rejecting one too many is better than exceeding the limit.
    if ((await this.#ids()).length <= limit) return;
    await this.remove(record.id);
    throw tooManyRecords(kind, limit);
  }

  async get(id: string): Promise<Entry | null> {
    const content = await this.readFile(id, RECORD_FILE);
    if (!content) return null;
    try {
      return this.#options.schema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
    } catch (error) {
      throw new Error(`${this.#key(id, RECORD_FILE)} is damaged`, { cause: error });
    }
  }

  async list(): Promise<Entry[]> {
    const { onDamaged = () => undefined } = this.#options;
    const ids = await this.#ids();
    const entries: Entry[] = [];
    for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
      const some = await Promise.allSettled(ids.slice(start, start + READ_AT_ONCE).map((id) => this.get(id)));
      for (const result of some) {
        if (result.status === 'rejected') onDamaged(result.reason);
        else if (result.value) entries.push(result.value);
      }
    }
    return entries.sort(newestFirst);
  }

  async rename(id: string, name: string): Promise<Entry | null> {
    const entry = await this.get(id);
    if (!entry) return null;
    const renamed = { ...entry, name };
    await this.#bucket.put(this.#key(id, RECORD_FILE), json(renamed));
    return renamed;
  }

  async remove(id: string): Promise<boolean> {
    if (!(await this.#exists(id))) return false;
    await this.#bucket.remove([this.#key(id, RECORD_FILE)]);
    await this.#bucket.remove(await this.#bucket.list(this.#key(id, '')));
    return true;
  }

  async readFile(id: string, file: string): Promise<Uint8Array | null> {
    if (!this.#id.test(id)) return null;
    return (await this.#bucket.get(this.#key(id, file)))?.content ?? null;
  }

  async versionOf(id: string, file: string): Promise<string | null> {
    return this.#id.test(id) ? this.#bucket.version(this.#key(id, file)) : null;
  }

  async writeFile(id: string, file: string, content: Uint8Array): Promise<boolean> {
    if (!(await this.#exists(id))) return false;
    await this.#bucket.put(this.#key(id, file), content);
    return true;
  }

  async sweep(): Promise<void> {
    const objects = await this.#bucket.entries(this.#folder);
    const complete = new Set(this.#complete(objects.map(({ key }) => key)));
    const abandoned = objects.filter(
      ({ key, modifiedAt }) => !complete.has(this.#idOf(key)) && Date.now() - modifiedAt > ABANDONED_MS,
    );
    await this.#bucket.remove(abandoned.map(({ key }) => key));
  }

  async #ids(): Promise<string[]> {
    return this.#complete(await this.#bucket.list(this.#folder));
  }

  /** Ids that have a record. */
  #complete(keys: readonly string[]): string[] {
    const ids = keys.filter((key) => key.endsWith(`/${RECORD_FILE}`)).map((key) => this.#idOf(key));
    return ids.filter((id) => this.#id.test(id));
  }

  #idOf(key: string): string {
    return key.slice(this.#folder.length).split('/', 1)[0] ?? '';
  }

  async #exists(id: string): Promise<boolean> {
    return (await this.versionOf(id, RECORD_FILE)) !== null;
  }

  #key(id: string, file: string): string {
    return `${this.#folder}${id}/${file}`;
  }
}

function json(record: StoredRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}
