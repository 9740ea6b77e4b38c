import { setTimeout as sleep } from 'node:timers/promises';
import { TransientFailure } from './download-failure.js';

export interface RetryTiming {
  /** Attempts in a row without progress before the download fails. */
  tries: number;
  firstPauseMs: number;
  longestPauseMs: number;
  /** If a server asks for a longer pause than this, the download fails instead of waiting. */
  longestRetryAfterMs: number;
  /** Rejects when the signal aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

export const defaultRetryTiming: RetryTiming = {
  tries: 6,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  longestRetryAfterMs: 300_000,
  pause: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/**
 * Repeats `attempt` while it fails transiently. An attempt with progress resets the count, so that a large file
 * succeeds over an unreliable connection. Rejects with the last failure, or the signal's reason.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  timing: RetryTiming,
  options: {
    signal: AbortSignal;
    progressed: () => boolean;
    onRetry: (failure: TransientFailure, pauseMs: number) => void;
  },
): Promise<T> {
  for (let failures = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof TransientFailure)) throw error;
      failures = options.progressed() ? 1 : failures + 1;
      const pauseMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, timing, Math.random()));
      if (failures >= timing.tries || pauseMs > timing.longestRetryAfterMs) throw error;
      options.onRetry(error, pauseMs);
      await timing.pause(pauseMs, options.signal);
    }
  }
}

/**
 * Doubles with every failure. `random` (0 to 1) adds jitter in the upper half, so that many clients do not return at
 * the same time.
 */
export function backoffMs(failures: number, timing: RetryTiming, random: number): number {
  const ceiling = Math.min(timing.longestPauseMs, timing.firstPauseMs * 2 ** (failures - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}
