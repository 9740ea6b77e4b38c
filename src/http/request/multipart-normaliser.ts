import { randomUUID } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { brokenPart, readPartHead, writePartHead, type RecordingName } from './part-head.js';

/** Bytes of the headers of one part. */
const MAX_HEAD_BYTES = 16 * 1024;
/** Blanks that may follow a boundary on its line. */
const MAX_PADDING_BYTES = 256;
const CARRIAGE_RETURN = 0x0d;
const END_OF_HEAD = /(?:^|\r?\n)\r?\n/;

type Section = 'preamble' | 'part' | 'head' | 'epilogue';

/**
 * Rewrites a multipart/form-data body, while it streams, into a form that the multipart parser accepts: a boundary of
 * plain letters, lines that end in CRLF, no preamble or epilogue, and part headers as `writePartHead` writes them. The
 * content of the parts is not changed. The chunks of the body do not affect the result.
 *
 * Fails with AppError 400 when the headers of a part are invalid or the boundary never occurs.
 */
export class MultipartNormaliser extends Transform {
  /** The boundary of the output. */
  readonly boundary = randomUUID();
  /** Charsets other than UTF-8 that text fields declare, by field. */
  readonly charsets = new Map<string, string>();
  /** What the sender calls the recording, once its part has begun. */
  recording: RecordingName | null = null;
  readonly #recordingField: string;
  readonly #delimiter: Buffer;
  /** Bytes that were received and not passed on yet. */
  #held: Buffer = Buffer.from('\n');
  /** 1 while `held` begins with a line break that may belong to a delimiter. */
  #skip = 1;
  #section: Section = 'preamble';
  /** True when the lines of the body end in LF alone; a CR before it is then content. */
  #bareLineFeeds = false;

  constructor(boundary: string, recordingField: string) {
    super();
    this.#delimiter = Buffer.from(`\n--${boundary}`, 'latin1');
    this.#recordingField = recordingField;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    try {
      while (this.#section === 'head' ? this.#readHead() : this.#readContent());
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    if (this.#section === 'preamble' && this.#held.length > 1)
      return done(
        brokenPart(
          'The boundary that Content-Type names does not occur in the body. Let the HTTP library set this header.',
        ),
      );
    // A part that ends without a boundary is passed on unchanged. The parser reports that the body ends too early.
    this.#passOn(this.#held.length);
    done();
  }

  /** Passes content on up to the next delimiter. Returns true when the held bytes may contain more. */
  #readContent(): boolean {
    let from = 0;
    while (this.#section !== 'epilogue') {
      const at = this.#held.indexOf(this.#delimiter, from);
      if (at === -1) {
        // The bytes that are held back may be the start of a delimiter, with the CR before it.
        this.#passOn(Math.max(0, this.#held.length - this.#delimiter.length));
        return false;
      }
      const behind = this.#held.subarray(
        at + this.#delimiter.length,
        at + this.#delimiter.length + MAX_PADDING_BYTES,
      );
      const line = behind.toString('latin1');
      const [end] = /^(?:--|[ \t]*\r?\n)/.exec(line) ?? [];
      if (end !== undefined) {
        this.#endContent(at, end);
        return true;
      }
      if (behind.length < MAX_PADDING_BYTES && /^(?:-?|[ \t]*\r?)$/.test(line)) {
        this.#passOn(Math.max(0, at - 1));
        return false;
      }
      from = at + 1;
    }
    this.#held = Buffer.alloc(0);
    return false;
  }

  /** `at` is the start of the delimiter, `end` the end of its line. */
  #endContent(at: number, end: string): void {
    const behindCarriageReturn = !this.#bareLineFeeds && this.#held[at - 1] === CARRIAGE_RETURN;
    const delimiterBytes = this.#delimiter.length + end.length;
    this.#passOn(behindCarriageReturn ? at - 1 : at);
    this.#skip = 0;
    this.#held = this.#held.subarray((behindCarriageReturn ? 1 : 0) + delimiterBytes);
    if (this.#section === 'preamble') this.#bareLineFeeds = !end.endsWith('\r\n');
    this.#section = end === '--' ? 'epilogue' : 'head';
    if (end === '--') this.push(`\r\n--${this.boundary}--\r\n`);
  }

  #readHead(): boolean {
    const text = this.#held.toString('latin1', 0, MAX_HEAD_BYTES);
    const end = END_OF_HEAD.exec(text);
    if (!end) {
      if (this.#held.length >= MAX_HEAD_BYTES)
        throw brokenPart('The headers of a part of the form are too long.');
      return false;
    }
    const head = readPartHead(text.slice(0, end.index), this.#recordingField);
    if (head.charset !== null) this.charsets.set(head.name, head.charset);
    this.recording ??= head.recording;
    this.push(`\r\n--${this.boundary}\r\n${writePartHead(head)}`, 'latin1');
    // The last line break of the head stays: the delimiter may follow it at once.
    this.#held = this.#held.subarray(end.index + end[0].length - 1);
    this.#skip = 1;
    this.#section = 'part';
    return true;
  }

  #passOn(bytes: number): void {
    const skipped = Math.min(this.#skip, bytes);
    if (this.#section === 'part' && bytes > skipped) this.push(this.#held.subarray(skipped, bytes));
    this.#skip -= skipped;
    this.#held = this.#held.subarray(bytes);
  }
}
