import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** The encodings in which the build leaves each text file beside the plain one, best first. */
const ENCODINGS = [
  { name: 'br', extension: '.br' },
  { name: 'gzip', extension: '.gz' },
] as const;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** One file of the page, in memory: the whole page is smaller than one recording. */
export interface WebPageFile {
  type: string;
  etag: string;
  /** The name contains a hash of the content, so a copy never becomes stale. */
  immutable: boolean;
  body: Buffer;
  /** Compressed copies, best first. */
  encoded: readonly { name: string; body: Buffer }[];
}

/** The built page: files by URL path, for instance `/` and `/assets/main-3fa1.js`. */
export type WebPage = ReadonlyMap<string, WebPageFile>;

/** Reads the page that `npm run build` made. Returns null where it was not built. */
export function readWebPage(folder: string): WebPage | null {
  const names = filesBelow(folder);
  if (!names.includes('index.html')) return null;
  const compressed = new Set(
    names.filter((name) => ENCODINGS.some(({ extension }) => name.endsWith(extension))),
  );
  const page = new Map<string, WebPageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (compressed.has(name) || type === undefined) continue;
    const path = name === 'index.html' ? '/' : `/${name.split(sep).join('/')}`;
    page.set(path, readFile(folder, name, type, compressed));
  }
  return page;
}

function readFile(folder: string, name: string, type: string, compressed: ReadonlySet<string>): WebPageFile {
  const body = readFileSync(join(folder, name));
  const encoded = ENCODINGS.filter(({ extension }) => compressed.has(name + extension)).map((encoding) => ({
    name: encoding.name,
    body: readFileSync(join(folder, name + encoding.extension)),
  }));
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  return { type, etag, immutable: name.startsWith(`assets${sep}`), body, encoded };
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
