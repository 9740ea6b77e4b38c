import { createParser } from 'eventsource-parser';

export const DONE = '[DONE]';

/**
 * The data of each event of an event stream, however its bytes are cut. Comments, events without data and other fields
 * are passed over. An event that the stream does not finish counts when its data is complete, since servers forget the
 * last empty line. llama.cpp has sent errors in a field of their own (`error: {...}`), which is given as data with such a
 * field. The body bounds how long a line can get.
 */
export async function* sseData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let ready: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data.trim() !== '') ready.push(data);
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

function isComplete(data: string): boolean {
  if (data.trim() === DONE) return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}
