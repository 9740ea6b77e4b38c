import { parse } from 'node:querystring';
import { invalidRequest, type AppError } from '../../lib/errors.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** High bytes of letters in UTF-16 are below this; so is no byte of a text in UTF-8 (tab is 9). */
const HIGH_BYTES = 9;
const ADVICE = 'Send text as UTF-8 (in a Windows console: chcp 65001).';

/**
 * Decodes a caller's text, without its byte order mark. Throws AppError 400 unless the bytes are UTF-8 without NUL;
 * `what` begins the message, `param` names the field.
 */
export function decodeUtf8(bytes: Uint8Array, what: string, param?: string): string {
  const details = { code: 'invalid_encoding', ...(param !== undefined && { param }) };
  if (isUtf16(bytes)) throw invalidRequest(`${what} is UTF-16, not UTF-8. ${ADVICE}`, details);
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw invalidRequest(`${what} is not UTF-8. ${ADVICE}`, { ...details, cause });
  }
}

/** 415: text in a declared encoding that is not UTF-8. */
export function unsupportedCharset(what: string, charset: string, param?: string): AppError {
  return invalidRequest(`${what} is declared as ${charset}. ${ADVICE}`, {
    status: 415,
    code: 'unsupported_charset',
    ...(param !== undefined && { param }),
  });
}

/** The fields of a query string, as Express reads them. Throws AppError 400 when it is not percent-encoded UTF-8. */
export function parseQuery(query: string | null): Record<string, unknown> {
  const text = query ?? '';
  try {
    // `parse` by itself replaces invalid bytes by U+FFFD.
    decodeURIComponent(text);
  } catch (cause) {
    throw invalidRequest('The query is not percent-encoded UTF-8: a "%" in a value is written %25.', {
      code: 'invalid_encoding',
      cause,
    });
  }
  return parse(text);
}

/**
 * Detects UTF-16 by its byte order mark or its high bytes: 0 for Latin letters, 6 for Arabic ones. UTF-8 text does not
 * contain such bytes.
 */
function isUtf16(bytes: Uint8Array): boolean {
  const [first = HIGH_BYTES, second = HIGH_BYTES] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  if (bytes.length % 2 === 1 || (first >= HIGH_BYTES && second >= HIGH_BYTES)) return false;
  const highAt = first < HIGH_BYTES ? 0 : 1;
  return bytes.every((byte, at) => at % 2 !== highAt || byte < HIGH_BYTES);
}
