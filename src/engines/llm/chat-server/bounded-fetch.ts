export interface BoundedResponse {
  /** Fails while its body is read when that is longer than the bound. */
  response: Response;
  /** Where the answer came from when the server redirected the request; null when it did not. */
  redirectedTo: string | null;
}

/**
 * fetch with a bound for the body, in bytes. Whoever parses the body may then buffer without a limit of its own, for
 * instance a line that never ends.
 */
export async function boundedFetch(
  url: string,
  init: RequestInit,
  maxBytes: number,
): Promise<BoundedResponse> {
  const answer = await fetch(url, init);
  const redirectedTo = answer.redirected ? answer.url : null;
  if (!answer.body) return { response: answer, redirectedTo };
  let left = maxBytes;
  const body = answer.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        left -= chunk.byteLength;
        if (left < 0) controller.error(new Error(`the body is longer than ${maxBytes} bytes`));
        else controller.enqueue(chunk);
      },
    }),
  );
  return { response: new Response(body, answer), redirectedTo };
}
