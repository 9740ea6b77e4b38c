/** What a server says about repeating a request. */
export interface RetryHints {
  /** `x-should-retry`, which wins over everything else. */
  shouldRetry?: boolean;
  /** `retry-after-ms`, or else `retry-after` in seconds or as a date. */
  afterMs?: number;
}

/** Reads the retry headers of the OpenAI API. Values that are no time or lie in the past are as good as absent. */
export function readRetryHints(headers: Headers, now: number): RetryHints {
  const should = headers.get('x-should-retry');
  const afterMs = waitIn(headers, now);
  return {
    ...((should === 'true' || should === 'false') && { shouldRetry: should === 'true' }),
    ...(afterMs !== null && Number.isFinite(afterMs) && afterMs >= 0 && { afterMs }),
  };
}

function waitIn(headers: Headers, now: number): number | null {
  const milliseconds = headers.get('retry-after-ms');
  if (milliseconds !== null && Number.isFinite(Number.parseFloat(milliseconds)))
    return Number.parseFloat(milliseconds);
  const after = headers.get('retry-after');
  if (after === null) return null;
  return Number.isFinite(Number(after)) ? Number(after) * 1_000 : Date.parse(after) - now;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const JITTER = 0.25;

/**
 * The repeats of one reply: few, and together no longer than somebody waits on a phone. A hint beyond that is not
 * cut short, since an earlier repeat would only be refused again: it ends the trying and goes to the caller.
 * The default wait is that of OpenAI's clients: 0.5 s, doubled each time, at most 8 s, less up to a quarter at random.
 */
export class RetryBudget {
  #retries: number;
  #waitMs: number;
  #nextDefault = FIRST_WAIT_MS;

  constructor(retries: number, waitMs: number) {
    this.#retries = retries;
    this.#waitMs = waitMs;
  }

  /** How long to wait before the next attempt, or null when there is to be none. */
  next(hints: RetryHints): number | null {
    const wait = hints.afterMs ?? this.#nextDefault * (1 - Math.random() * JITTER);
    if (this.#retries === 0 || wait > this.#waitMs) return null;
    this.#retries -= 1;
    this.#waitMs -= wait;
    this.#nextDefault = Math.min(this.#nextDefault * 2, LONGEST_WAIT_MS);
    return wait;
  }
}
