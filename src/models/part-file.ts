import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../lib/system-error.js';

/** A file that is open for appending. The holder closes it. */
export interface AppendFile {
  truncate(length: number): Promise<void>;
  appendFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export type OpenForAppend = (path: string) => Promise<AppendFile>;

const openForAppend: OpenForAppend = (path) => open(path, 'a');

/** An incomplete download: its bytes are in `.part`, the validator of the whole content in `.part.etag`. */
export class PartFile {
  readonly path: string;
  readonly #etagPath: string;
  readonly #open: OpenForAppend;

  constructor(finalPath: string, openFile: OpenForAppend = openForAppend) {
    this.path = `${finalPath}.part`;
    this.#etagPath = `${this.path}.etag`;
    this.#open = openFile;
  }

  async size(): Promise<number> {
    const size = stat(this.path).then((found) => found.size);
    return size.catch(absentAs(0));
  }

  /** The strong validator of the content that the bytes belong to (RFC 9110, 8.8), for If-Range. */
  async etag(): Promise<string | undefined> {
    const etag = readFile(this.#etagPath, 'utf8').then((text) => (/^"[^"]*"$/.test(text) ? text : undefined));
    return etag.catch(absentAs(undefined));
  }

  /** Truncates the file to `offset` bytes and opens it for appending. The caller closes it. */
  async openAt(offset: number, etag: string | null): Promise<AppendFile> {
    await mkdir(dirname(this.path), { recursive: true });
    const file = await this.#open(this.path);
    try {
      await file.truncate(offset);
      await (etag === null ? rm(this.#etagPath, { force: true }) : writeFile(this.#etagPath, etag));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await this.forgetEtag();
  }

  async forgetEtag(): Promise<void> {
    await rm(this.#etagPath, { force: true });
  }
}

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, 'ENOENT')) return value;
    throw error;
  };
}
