import { invalidRequest, type AppError } from '../../lib/errors.js';
import { foreignCharset, headerParameters } from './media-type.js';

/** The headers of one part of a form, as far as the service uses them. */
export interface PartHead {
  name: string;
  /** `file` is stored, `text` becomes a field. */
  kind: 'file' | 'text';
  /** The declared charset of a text, if it is not UTF-8. */
  charset: string | null;
  /** What the sender calls the recording; null for other parts. It serves people only: the content decides. */
  recording: RecordingName | null;
}

export interface RecordingName {
  /** Without folders; null where there is none. */
  filename: string | null;
  mediaType: string | null;
}

const MAX_NAME = 255;

const IDENTITY_ENCODINGS: ReadonlySet<string> = new Set(['', '7bit', '8bit', 'binary']);
/** Browsers give a file name to every Blob, even if it is a text field. */
const TEXT_TYPES = /^(text\/plain|application\/json)\b/i;

/**
 * Reads the headers of one part of multipart/form-data. Only the name identifies the part with the recording, because
 * some HTTP libraries send bytes without a file name, or a name in another case.
 *
 * `head` is Latin-1, with lines that end in CRLF or LF. Throws AppError 400 for an invalid part.
 */
export function readPartHead(head: string, recordingField: string): PartHead {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]+):([^\n]*)$/.exec(line) ?? [];
    headers.set(name.trim().toLowerCase(), value.trim());
  }
  const disposition = headerParameters(headers.get('content-disposition') ?? '');
  const name = disposition.get('name') ?? '';
  if (name === '')
    throw brokenPart('A part of the form has no name (Content-Disposition: form-data; name="...").');
  refuseEncoded(name, headers.get('content-transfer-encoding') ?? '');
  const type = headers.get('content-type') ?? '';
  const fileName = disposition.get('filename*') ?? disposition.get('filename') ?? '';
  if (name.toLowerCase() === recordingField.toLowerCase()) {
    const recording = { filename: plainName(fileName), mediaType: type.slice(0, MAX_NAME) || null };
    return { name: recordingField, kind: 'file', charset: null, recording };
  }
  const isFile = fileName !== '' && !TEXT_TYPES.test(type);
  return { name, kind: isFile ? 'file' : 'text', charset: foreignCharset(type), recording: null };
}

/** The last part of a name that may be a path on the sender's machine. Names come in UTF-8 bytes, or percent-encoded behind `UTF-8''`. */
function plainName(given: string): string | null {
  const encoded = /^utf-8'[^']*'(.*)$/is.exec(given)?.[1];
  const text =
    encoded === undefined ? Buffer.from(given, 'latin1').toString('utf8') : percentDecoded(encoded);
  const name = text.split(/[\\/]/).at(-1) ?? '';
  return (
    name
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_NAME) || null
  );
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Writes the headers in a form that the multipart parser reads without ambiguity. */
export function writePartHead({ name, kind }: PartHead): string {
  const quoted = `"${name.replace(/["\\]/g, '\\$&')}"`;
  const file = kind === 'file' ? '; filename="upload"\r\nContent-Type: application/octet-stream' : '';
  return `Content-Disposition: form-data; name=${quoted}${file}\r\n\r\n`;
}

export function brokenPart(message: string, param?: string): AppError {
  return invalidRequest(message, { code: 'invalid_multipart', ...(param !== undefined && { param }) });
}

function refuseEncoded(name: string, encoding: string): void {
  if (IDENTITY_ENCODINGS.has(encoding.toLowerCase())) return;
  throw brokenPart(
    `The part "${name}" is encoded as ${encoding.slice(0, 40)} (Content-Transfer-Encoding). Send its bytes as they are.`,
    name,
  );
}
