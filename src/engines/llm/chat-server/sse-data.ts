import { createParser } from 'eventsource-parser';
import { parseJson } from './parse-json.js';

export const DONE = '[DONE]';

/**
 * Yields the data of each event of an event stream, for any cuts of its bytes. Comments, events without data and other
 * fields are skipped. An event that the stream does not finish counts when its data is complete, since servers forget
 * the last empty line. The data of an event named `error` has an `error` field, added when it is not there; so has that
 * of llama.cpp's own `error: {...}` lines. The body bounds how long a line can get.
 */
export async function* sseData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let ready: string[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (data.trim() !== '') ready.push(event === 'error' ? asError(data) : data);
    },
    onError: ({ type, field, value }) => {
      if (type === 'unknown-field' && field === 'error') ready.push(`{"error":${value}}`);
    },
  });
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready;
    ready = [];
  }
  parser.feed('\n\n');
  yield* ready.filter(isComplete);
}

function asError(data: string): string {
  const value = parseJson(data) ?? data;
  const isError = typeof value === 'object' && value !== null && 'error' in value;
  return isError ? data : JSON.stringify({ error: value });
}

function isComplete(data: string): boolean {
  return data.trim() === DONE || parseJson(data) !== undefined;
}
