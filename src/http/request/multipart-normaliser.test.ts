import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultipartNormaliser } from './multipart-normaliser.js';

interface Part {
  head: string;
  content: Buffer;
}

/** The output for a body that arrives in chunks of these sizes, with the boundary "B". */
async function normalise(body: Buffer, boundary = 'x', sizes: readonly number[] = []): Promise<string> {
  const stream = new MultipartNormaliser(boundary, 'file');
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const over = new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
  let at = 0;
  for (const size of sizes) stream.write(body.subarray(at, (at += size)));
  stream.end(body.subarray(at));
  await over;
  return Buffer.concat(chunks).toString('latin1').replaceAll(stream.boundary, 'B');
}

function body(parts: readonly Part[], boundary: string, lineEnd: string): Buffer {
  const pieces = parts.flatMap(({ head, content }) => [
    `--${boundary}${lineEnd}${head}${lineEnd}${lineEnd}`,
    content,
    lineEnd,
  ]);
  return Buffer.concat(
    [...pieces, `--${boundary}--${lineEnd}`].map((piece) => Buffer.from(piece as string, 'latin1')),
  );
}

const FILE =
  'Content-Disposition: form-data; name="file"; filename="upload"\r\nContent-Type: application/octet-stream';
const expected = (parts: readonly { head: string; content: Buffer }[]): string =>
  parts.map(({ head, content }) => `\r\n--B\r\n${head}\r\n\r\n${content.toString('latin1')}`).join('') +
  '\r\n--B--\r\n';

/** Bytes that are likely to look like a part of a delimiter. */
const tricky = fc
  .array(
    fc.constantFrom('\r', '\n', '-', '--', '--x', '\r\n', '\r\n--', '\r\n--xy', 'x', ' ', '\0', 'a', '\xff'),
    {
      maxLength: 30,
    },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
/** Content without a delimiter. */
const content = tricky.filter(
  (bytes) => !/(^|\n)--x(--|[ \t]*\r?\n|[ \t]*\r?$|-?$)/.test(bytes.toString('latin1')),
);
const chunking = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 });

describe('a form', () => {
  it('keeps the content of its parts byte by byte, for any content and chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 3 }),
        chunking,
        async (contents, sizes) => {
          const sent = contents.map((bytes) => ({
            head: 'Content-Disposition: form-data; name=file',
            content: bytes,
          }));
          const whole = await normalise(body(sent, 'x', '\r\n'));
          expect(whole).toBe(expected(contents.map((bytes) => ({ head: FILE, content: bytes }))));
          expect(await normalise(body(sent, 'x', '\r\n'), 'x', sizes)).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same output for any chunks, even if the bytes are not a form', async () => {
    const result = (bytes: Buffer, sizes: readonly number[]): Promise<string> =>
      normalise(bytes, 'x', sizes).catch((error: unknown) => `refused: ${(error as Error).message}`);
    await fc.assert(
      fc.asyncProperty(fc.array(tricky, { maxLength: 6 }), chunking, async (pieces, sizes) => {
        const bytes = Buffer.concat(pieces.flatMap((piece) => [piece, Buffer.from('\n--x\r\nA: b\n\n')]));
        expect(await result(bytes, sizes)).toBe(await result(bytes, []));
      }),
      { numRuns: 300 },
    );
  });

  it('may have lines that end in LF, a preamble, an epilogue, blanks behind its boundary, and folded headers', async () => {
    const recording = Buffer.from('RIFF\r');
    const sent = [{ head: 'content-disposition: Form-Data;\n  Name = "file"', content: recording }];
    const bytes = Buffer.concat([
      Buffer.from('This is a form.\n'),
      Buffer.from(body(sent, 'x', '\n').toString('latin1').replace('--x\n', '--x \t\n'), 'latin1'),
      Buffer.from('--x\nThe end.'),
    ]);
    expect(await normalise(bytes)).toBe(expected([{ head: FILE, content: recording }]));
  });

  it.each(['a/b', "'()+_,-./:=?", 'with blank in it', '====', '-'])(
    'may have the boundary %s',
    async (boundary) => {
      const sent = [{ head: 'Content-Disposition: form-data; name=file', content: Buffer.from('abc') }];
      expect(await normalise(body(sent, boundary, '\r\n'), boundary)).toBe(
        expected([{ head: FILE, content: Buffer.from('abc') }]),
      );
    },
  );

  it('may have an empty part whose boundary follows at once, and none at all', async () => {
    const bytes = Buffer.from('--x\r\nContent-Disposition: form-data; name=a\r\n\r\n--x--');
    expect(await normalise(bytes)).toBe(
      '\r\n--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--B--\r\n',
    );
    expect(await normalise(Buffer.from('--x--'))).toBe('\r\n--B--\r\n');
  });

  it.each([
    ['whose boundary does not occur', '--y\r\nA: b\r\n\r\n', /boundary .* does not occur/],
    ['with endless headers', `--x\r\n${'A: b\r\n'.repeat(5_000)}`, /headers .* too long/],
    ['with a part without a name', '--x\r\nContent-Disposition: form-data\r\n\r\n', /has no name/],
    [
      'with a part in base64',
      '--x\r\nContent-Disposition: form-data; name=file\r\nContent-Transfer-Encoding: base64\r\n\r\n',
      /"file" is encoded as base64/,
    ],
  ])('%s is rejected', async (_what, text, message) => {
    await expect(normalise(Buffer.from(text))).rejects.toThrow(message);
  });
});
