import { mkdir, open, readFile, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../lib/system-error.js';

/** A download that is not complete: the bytes so far in `.part`, and in `.part.etag` what they are a part of. */
export class PartFile {
  readonly path: string;
  readonly #etagPath: string;

  constructor(finalPath: string) {
    this.path = `${finalPath}.part`;
    this.#etagPath = `${this.path}.etag`;
  }

  async size(): Promise<number> {
    const size = stat(this.path).then((found) => found.size);
    return size.catch(absentAs(0));
  }

  /** The strong validator of the content that the bytes came from (RFC 9110, 8.8), for If-Range. */
  async etag(): Promise<string | undefined> {
    const etag = readFile(this.#etagPath, 'utf8').then((text) => (/^"[^"]*"$/.test(text) ? text : undefined));
    return etag.catch(absentAs(undefined));
  }

  /** Opens for appending after the first `offset` bytes; the rest, if any, is dropped. The caller closes the file. */
  async openAt(offset: number, etag: string | null): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.path, 'a');
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
