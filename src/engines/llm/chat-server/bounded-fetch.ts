/**
 * fetch, except that a body longer than `maxBytes` fails while it is read. Whoever parses the body may then buffer without a
 * limit of its own, for instance a line that never ends.
 */
export function boundedFetch(
  maxBytes: number,
  moreHeaders: () => Record<string, string> = () => ({}),
): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(moreHeaders())) headers.set(name, value);
    const response = await fetch(input, { ...init, headers });
    if (!response.body) return response;
    let left = maxBytes;
    const body = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          left -= chunk.byteLength;
          if (left < 0) controller.error(new Error(`the body is longer than ${maxBytes} bytes`));
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(body, response);
  };
}
