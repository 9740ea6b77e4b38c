import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestHandler, Response } from 'express';

/**
 * Bytes of a whole response head together with its trailers. Proxies keep a head in one buffer (nginx: 4,096 bytes by
 * default) and answer 502 to a larger one. The rest of that buffer is for headers that proxies add.
 */
export const MAX_HEAD_BYTES = 3 * 1024;
/** Status line, Date, Connection, Keep-Alive, the body's length or encoding, and the empty line, all added by Node. */
const NODE_BYTES = 192;
/** Headers that hold percent-encoded texts of any length. Every other header is short. */
const TEXT_HEADERS = ['X-Transcript', 'X-Reply', 'X-Warning'];
/** Names the headers whose texts were cut. */
export const TRUNCATED_HEADER = 'X-Truncated';
const TRUNCATED_BYTES = lineBytes(TRUNCATED_HEADER, TEXT_HEADERS.join(', '));
const ELLIPSIS = encodeURIComponent('…');

/** One header and its percent-encoded values. */
interface TextHeader {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * Keeps headers and trailers of every response within MAX_HEAD_BYTES, whichever code set them. Texts that do not fit
 * are cut when the headers are sent, and X-Truncated names them.
 */
export const limitHead: RequestHandler = (_request, response, next) => {
  const writeHead = response.writeHead.bind(response);
  const addTrailers = response.addTrailers.bind(response);
  response.writeHead = (...parameters: unknown[]): Response => {
    if (!response.headersSent) fitHead(response);
    return Reflect.apply(writeHead, response, parameters) as Response;
  };
  response.addTrailers = (trailers) => addTrailers(fittedTrailers(response, trailers));
  next();
};

function fitHead(response: Response): void {
  const texts = textsOf((name) => response.getHeader(name));
  const room = MAX_HEAD_BYTES - NODE_BYTES - headerBytes(response.getHeaders()) + textBytes(texts);
  // Announced trailers get half of the space.
  const fitted = fitTexts(texts, response.hasHeader('Trailer') ? Math.floor(room / 2) : room);
  if (fitted.truncated.length === 0) return;
  for (const { name, values } of fitted.texts) {
    if (values.length > 0) response.setHeader(name, values);
    else response.removeHeader(name);
  }
  response.setHeader(TRUNCATED_HEADER, fitted.truncated.join(', '));
}

function fittedTrailers(
  response: Response,
  trailers: Parameters<Response['addTrailers']>[0],
): Record<string, string> {
  const given = Object.fromEntries(Object.entries(trailers).map(([name, value]) => [name, String(value)]));
  const texts = textsOf((name) => given[name]);
  const sent = NODE_BYTES + headerBytes(response.getHeaders());
  const fitted = fitTexts(texts, MAX_HEAD_BYTES - sent - headerBytes(given) + textBytes(texts));
  if (fitted.truncated.length === 0) return given;
  for (const { name, values } of fitted.texts) {
    const [text] = values;
    if (text === undefined) delete given[name];
    else given[name] = text;
  }
  return { ...given, [TRUNCATED_HEADER]: fitted.truncated.join(', ') };
}

/** Cuts the longest texts until all fit into `room` bytes. The unused share of a short text goes to the others. */
export function fitTexts(
  texts: readonly TextHeader[],
  room: number,
): { texts: TextHeader[]; truncated: string[] } {
  if (textBytes(texts) <= room) return { texts: [...texts], truncated: [] };
  const shortestFirst = [...texts].sort((one, other) => textBytes([one]) - textBytes([other]));
  let left = room - TRUNCATED_BYTES;
  const fitted = shortestFirst.map((text, index) => {
    const cut = cutValues(text, Math.floor(left / (shortestFirst.length - index)));
    left -= textBytes([cut]);
    return cut;
  });
  const truncated = texts.filter(
    (text) => textBytes(fitted.filter(({ name }) => name === text.name)) < textBytes([text]),
  );
  return { texts: fitted, truncated: truncated.map(({ name }) => name) };
}

/** Keeps the first values. The one that does not fit is cut, and later ones are left out. */
function cutValues({ name, values }: TextHeader, room: number): TextHeader {
  const kept: string[] = [];
  let left = room;
  for (const value of values) {
    const fitting = cutText(value, left - lineBytes(name, ''));
    if (fitting !== null) kept.push(fitting);
    if (fitting !== value) break;
    left -= lineBytes(name, value);
  }
  return { name, values: kept };
}

/** A percent-encoded text of at most `maxLength` characters, cut before a code point; null where not even an ellipsis fits. */
export function cutText(encoded: string, maxLength: number): string | null {
  if (encoded.length <= maxLength) return encoded;
  if (maxLength < ELLIPSIS.length) return null;
  let end = maxLength - ELLIPSIS.length;
  while (!isDecodable(encoded.slice(0, end))) end -= 1;
  return encoded.slice(0, end) + ELLIPSIS;
}

function isDecodable(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

function textsOf(valueOf: (name: string) => OutgoingHttpHeaders[string]): TextHeader[] {
  return TEXT_HEADERS.flatMap((name) => {
    const value = valueOf(name);
    return value === undefined ? [] : [{ name, values: [value].flat().map(String) }];
  });
}

function textBytes(texts: readonly TextHeader[]): number {
  return texts.reduce((sum, { name, values }) => sum + linesBytes(name, values), 0);
}

function headerBytes(headers: OutgoingHttpHeaders): number {
  return Object.entries(headers).reduce(
    (sum, [name, value]) => sum + (value === undefined ? 0 : linesBytes(name, [value].flat().map(String))),
    0,
  );
}

function linesBytes(name: string, values: readonly string[]): number {
  return values.reduce((sum, value) => sum + lineBytes(name, value), 0);
}

/** Header values are Latin-1: one byte a character. */
function lineBytes(name: string, value: string): number {
  return name.length + ': '.length + value.length + '\r\n'.length;
}
