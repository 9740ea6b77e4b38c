import type { Request, RequestHandler } from 'express';
import type { WebPage, WebPageFile } from './web-page.js';

const YEAR_SECONDS = 31_536_000;
/** Stricter than the policy of the service: the page has no inline style, so none is allowed. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(';');

/**
 * Serves the page at `/`. Files with a hash in their name may be kept for a year; the rest is checked by ETag. Other paths
 * go on to the next handler.
 */
export function serveWebPage(page: WebPage): RequestHandler {
  return (request, response, next) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? page.get(request.path) : undefined;
    if (file === undefined) return next();
    const { name, body } = encodingFor(request, file);
    response.set({
      'Content-Type': file.type,
      'Cache-Control': file.immutable ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
      'Content-Security-Policy': POLICY,
      'Permissions-Policy': 'microphone=(self), camera=(), geolocation=()',
      ETag: name === null ? file.etag : file.etag.replace(/"$/, `-${name}"`),
      Vary: 'Accept-Encoding',
      ...(name !== null && { 'Content-Encoding': name }),
    });
    response.send(body);
  };
}

/** The best copy that the browser accepts; `name` is null for the plain file. */
function encodingFor(request: Request, file: WebPageFile): { name: string | null; body: Buffer } {
  const names = file.encoded.map(({ name }) => name);
  const accepted = names.length === 0 ? false : request.acceptsEncodings(...names);
  const encoded = file.encoded.find(({ name }) => name === accepted);
  return encoded ?? { name: null, body: file.body };
}
