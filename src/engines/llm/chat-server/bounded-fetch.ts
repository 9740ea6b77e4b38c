export interface BoundedResponse {
  /** Its body fails while it is read if it is longer than the bound. */
  response: Response;
  /** The final address if the server redirected the request; otherwise null. */
  redirectedTo: string | null;
}

/**
 * fetch with a limit for the body in bytes, so that parsers of the body need no limit of their own, for example for an
 * endless line.
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
