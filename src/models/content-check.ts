import { PermanentFailure } from './download-failure.js';

/** Model files are never HTML: a login page, or a hub's error page sent with status 200, must not be kept as one. */
export function refuseHtmlType(file: string, contentType: string | null, host: string): void {
  if (contentType && /^\s*(text\/html|application\/xhtml)/i.test(contentType)) throw html(file, host);
}

/** The same check on the first bytes, for pages with another content type and for Git LFS pointers. */
export function refuseWrongStart(file: string, start: Uint8Array, host: string): void {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, 256)).toString('utf8');
  if (/^\s*(<!--.*?-->\s*)?<(!doctype html|html|head|body)\b/is.test(text.replace(/^\uFEFF/, '')))
    throw html(file, host);
  if (isLfsPointer(text)) {
    throw new PermanentFailure(
      `${file}: ${host} sent a Git LFS pointer instead of the file. Use a source that has the files themselves`,
    );
  }
}

export function isLfsPointer(text: string): boolean {
  return text.startsWith('version https://git-lfs.github.com/spec/');
}

function html(file: string, host: string): PermanentFailure {
  return new PermanentFailure(
    `${file}: ${host} sent a web page instead of the file. A network login page (captive portal), a proxy, or a gated repository may be in the way: log in to the network, or set HF_TOKEN or MODEL_SOURCE`,
  );
}
