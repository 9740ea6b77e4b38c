import { once } from 'node:events';
import type { Response } from 'express';

const LONGEST_STALL_MS = 60_000;

/**
 * Writes and waits until the caller has read enough. The connection of a caller that reads nothing for a minute is closed, so
 * that it does not hold an engine and memory.
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
