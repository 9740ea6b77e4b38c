/** Joins small pieces until there are at least `minimum` bytes; the last piece may be smaller. */
export async function* gather(
  pieces: AsyncIterable<Uint8Array>,
  minimum: number,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < minimum) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held);
}
