import type { IncomingHttpHeaders } from 'node:http';

/** `; name=value` or `; name="value"`; an unquoted value ends at the next semicolon, whatever characters it holds. */
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;
const UTF8 = 'utf-8';

/** The type of a Content-Type header without its parameters, in lower case; empty when there is none. */
export function mediaTypeOf(headers: IncomingHttpHeaders): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase();
}

/**
 * The parameters of a Content-Type or Content-Disposition header, by lower-case name. The first parameter of a name is
 * used. It accepts more than the grammar, because some senders omit required quotes.
 */
export function headerParameters(header: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', value = ''] of header.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, unquoted(value.trim()));
  }
  return parameters;
}

/** The charset in a Content-Type; null for UTF-8 and its subset ASCII in any spelling. */
export function foreignCharset(contentType: string): string | null {
  const charset = headerParameters(contentType).get('charset') ?? '';
  if (charset === '' || /^(us-)?ascii$/i.test(charset)) return null;
  return isUtf8Label(charset) ? null : charset.slice(0, 40);
}

/** Labels that browsers read as UTF-8: `utf8`, `UTF-8`, `unicode-1-1-utf-8`. */
function isUtf8Label(label: string): boolean {
  try {
    return new TextDecoder(label).encoding === UTF8;
  } catch {
    return false;
  }
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const end = value.length > 1 && value.endsWith('"') ? -1 : undefined;
  return value.slice(1, end).replace(/\\(["\\])/g, '$1');
}
