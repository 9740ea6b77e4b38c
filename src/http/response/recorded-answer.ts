import type { OutgoingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import { contextOf } from '../request/request-context.js';

/** An answer as it was sent, for replay. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Bytes left for all recordings in progress together. */
export interface RecordingBudget {
  bytes: number;
}

/** Headers that belong to one request or connection, not to the answer. */
const NOT_KEPT = new Set([
  'connection',
  'content-length',
  'current-concurrent-requests',
  'date',
  'keep-alive',
  'maximum-concurrent-requests',
  'trailer',
  'transfer-encoding',
  'vary',
  'x-request-id',
]);
const NOT_KEPT_KINDS = /^(x-ratelimit-|access-control-)/;

/**
 * Records what is written to the response. Calls `onEnd` once: with the answer if it was sent completely, successfully and
 * within the limits, otherwise with null.
 */
export function recordAnswer(
  response: Response,
  maxBytes: number,
  budget: RecordingBudget,
  onEnd: (answer: RecordedAnswer | null) => void,
): void {
  const recording = new Recording(maxBytes, budget);
  const behind: Record<string, string> = {};
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const addTrailers = response.addTrailers.bind(response);
  response.write = (...parameters: unknown[]): boolean => {
    recording.add(parameters[0], parameters[1]);
    return Reflect.apply(write, response, parameters) as boolean;
  };
  response.end = (...parameters: unknown[]): Response => {
    recording.add(parameters[0], parameters[1]);
    return Reflect.apply(end, response, parameters) as Response;
  };
  response.addTrailers = (headers) => {
    Object.assign(behind, headers);
    addTrailers(headers);
  };
  response.once('close', () => {
    const body = recording.finish();
    const good = response.writableFinished && response.statusCode >= 200 && response.statusCode < 300;
    const whole = good && !contextOf(response).failed && body !== null;
    onEnd(
      whole
        ? { status: response.statusCode, headers: { ...keptHeaders(response.getHeaders()), ...behind }, body }
        : null,
    );
  });
}

/** Sends a recorded answer again. Its trailers become headers. */
export function replayAnswer(response: Response, { status, headers, body }: RecordedAnswer): void {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) response.setHeader(name, value);
  response.setHeader('Idempotent-Replayed', 'true');
  response.setHeader('Content-Length', body.length);
  response.status(status).end(body);
}

/** Collects bytes up to its own limit and the shared limit. Beyond either limit it drops all bytes. */
class Recording {
  readonly #maxBytes: number;
  readonly #budget: RecordingBudget;
  #chunks: Buffer[] | null = [];
  #bytes = 0;

  constructor(maxBytes: number, budget: RecordingBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  add(chunk: unknown, encoding: unknown): void {
    if (!this.#chunks) return;
    const bytes = bytesOf(chunk, encoding);
    if (!bytes) return;
    this.#bytes += bytes.length;
    this.#budget.bytes -= bytes.length;
    this.#chunks.push(bytes);
    if (this.#bytes > this.#maxBytes || this.#budget.bytes < 0) this.#forget();
  }

  /** All bytes; null if a limit was exceeded. */
  finish(): Buffer | null {
    const body = this.#chunks && Buffer.concat(this.#chunks);
    this.#forget();
    return body;
  }

  #forget(): void {
    this.#budget.bytes += this.#bytes;
    this.#bytes = 0;
    this.#chunks = null;
  }
}

/** Copies: the writer may reuse its buffer. */
function bytesOf(chunk: unknown, encoding: unknown): Buffer | null {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : null;
}

function keptHeaders(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_KEPT.has(name) && !NOT_KEPT_KINDS.test(name)),
  );
}
