import { once } from 'node:events';
import type { Response } from 'express';

const LONGEST_STALL_MS = 60_000;

/**
 * Writes and waits until the caller has taken enough of it. A caller that reads nothing for a minute is cut off, so that
 * it cannot hold an engine or memory for ever.
 */
export async function writeAll(
  response: Response,
  chunk: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (response.write(chunk)) return;
  const stalled = AbortSignal.timeout(LONGEST_STALL_MS);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, stalled]) });
  } catch (error) {
    signal.throwIfAborted();
    if (stalled.aborted) response.destroy();
    throw error;
  }
}
