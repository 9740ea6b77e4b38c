import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from './gather.js';

async function* each(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe('gather', () => {
  it('keeps every byte in order, and all but the last piece large enough', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.integer({ min: 1, max: 64 }),
        async (pieces, minimum) => {
          const gathered: Buffer[] = [];
          for await (const piece of gather(each(pieces), minimum)) gathered.push(piece);
          expect(Buffer.concat(gathered)).toEqual(Buffer.concat(pieces));
          for (const piece of gathered.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(minimum);
        },
      ),
    );
  });
});
