import type { Dictionary } from '../i18n/ar.js';
import { fromBase64 } from '../lib/base64.js';
import { element } from '../lib/elements.js';

/** Headers whose values are percent-encoded texts. */
const TEXT_HEADERS: ReadonlySet<string> = new Set(['x-transcript', 'x-reply', 'x-warning']);
const SHOWN_HEADERS =
  /^(content-type|x-(request-id|transcript|reply|conversation|engine|warning|truncated|timings)|retry-after)$/;

/** What a call returned: status, headers, and the body as a player, JSON or text. */
export interface Answer {
  element: HTMLElement;
  /** Releases the audio. */
  close(): void;
}

export async function showAnswer(
  response: Response,
  milliseconds: string,
  words: Dictionary,
): Promise<Answer> {
  const body = await bodyOf(response);
  const url = body.audio && URL.createObjectURL(body.audio);
  const status = `${response.status} ${response.statusText} · ${milliseconds}`;
  return {
    element: element(
      'div',
      { class: 'stack tight answer', 'data-status': response.status },
      element('p', {}, element('bdi', { dir: 'ltr' }, status)),
      headerList(response.headers),
      url === null ? null : element('audio', { controls: true, src: url, 'aria-label': words.tryIt.answer }),
      body.text === null ? null : code(body.text),
    ),
    close: () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
  };
}

/** Audio, text, or both: JSON is indented, and the base64 of audio in it is left out. */
async function bodyOf(response: Response): Promise<{ audio: Blob | null; text: string | null }> {
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('audio/')) return { audio: await response.blob(), text: null };
  const text = await response.text();
  if (!type.includes('json')) return { audio: null, text };
  const value = JSON.parse(text) as { audio?: unknown; format?: unknown };
  if (typeof value.audio !== 'string' || value.audio === '')
    return { audio: null, text: JSON.stringify(value, null, 2) };
  const audio = new Blob([fromBase64(value.audio)]);
  return { audio, text: JSON.stringify({ ...value, audio: `(${audio.size} bytes)` }, null, 2) };
}

function headerList(headers: Headers): HTMLElement {
  const rows = [...headers]
    .filter(([name]) => SHOWN_HEADERS.test(name))
    .map(([name, value]) =>
      element(
        'div',
        { class: 'header-row' },
        element('dt', { dir: 'ltr' }, name),
        element('dd', { dir: 'auto' }, TEXT_HEADERS.has(name) ? decodeText(value) : value),
      ),
    );
  return element('dl', { class: 'headers small' }, ...rows);
}

function code(text: string): HTMLElement {
  return element('pre', { class: 'code', dir: 'auto', tabindex: 0 }, text);
}

function decodeText(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
