import type { Response } from 'express';
import { CONTENT_TYPES, type OutputFormat } from '../../audio/output-format.js';
import { writeAll } from './write.js';

/**
 * Streams encoded audio as the response's body. The headers are sent with the first bytes, so that an earlier failure
 * can still set the status. `beforeHead` runs just before that; it may wait and set headers.
 */
export async function sendAudio(
  response: Response,
  encoded: AsyncIterable<Uint8Array>,
  format: OutputFormat,
  signal: AbortSignal,
  beforeHead: () => Promise<void> | void = () => undefined,
): Promise<void> {
  for await (const bytes of encoded) {
    if (!response.headersSent) {
      await beforeHead();
      response.set('Content-Type', CONTENT_TYPES[format]);
    }
    await writeAll(response, bytes, signal);
  }
}
