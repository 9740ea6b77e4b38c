import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { abortable } from '../../lib/abort.js';
import { Deferred } from '../../lib/deferred.js';
import { AppError, invalidRequest } from '../../lib/errors.js';
import { PERSONA_HEADER } from '../request/persona-header.js';
import { contextOf } from '../request/request-context.js';
import { recordAnswer, replayAnswer, type RecordedAnswer } from '../response/recorded-answer.js';
import { requestSignal } from '../request/request-signal.js';
import { callerOf } from './authenticate.js';
import type { CallLease, SharedAnswers } from './shared-answers.js';

export interface IdempotencyOptions {
  /** How long an answer is stored. */
  keepMs?: number;
  /** Longest time that a repeated call waits for the first one. */
  patienceMs?: number;
  maxAnswers?: number;
  /** Largest answer that is stored. */
  maxAnswerBytes?: number;
  /** Limit for all stored answers, and again for all answers in progress. */
  maxBytes?: number;
  /** Answers of other machines; null when there is only one machine. */
  shared?: SharedAnswers | null;
}

export interface Idempotency {
  /** Before the body is read: marks a call whose answer is stored or in progress, so that a full queue does not reject it. */
  mark: RequestHandler;
  /** After the body parser: replays the answer, waits for it, or lets the call through and stores its answer. */
  apply: RequestHandler;
}

const DEFAULTS = {
  keepMs: 10 * 60_000,
  patienceMs: 30_000,
  maxAnswers: 1_000,
  maxAnswerBytes: 4 * 2 ** 20,
  maxBytes: 32 * 2 ** 20,
  shared: null,
};
/** How often another machine is asked whether it has the answer. */
const ASK_EVERY_MS = 250;
const ACCEPTABLE_KEY = /^[\x21-\x7e]{1,255}$/;
const RETRY_AFTER_MS = 2_000;

interface Kept {
  fingerprint: string;
  answer: RecordedAnswer;
}

interface Running {
  fingerprint: string;
  /** Settles when the call has ended, whether its answer was stored or not. */
  over: Deferred;
}

/**
 * Idempotency-Key: a repeated call (from a phone that lost its network, or a client that retries) gets the answer of the
 * first call. Only complete successful answers are stored; a call that failed or was aborted runs again.
 */
export function idempotency(options: IdempotencyOptions = {}): Idempotency {
  const answers = new Answers({ ...DEFAULTS, ...options });
  return {
    mark: async (request, response, next) => {
      const key = answerKey(request, response);
      if (key !== null && (await answers.knows(key))) contextOf(response).replayable = true;
      next();
    },
    apply: async (request, response, next) => {
      const key = answerKey(request, response);
      if (key === null) return next();
      const signal = requestSignal(request, response);
      const fingerprint = await fingerprintOf(request, response, signal);
      const answer = await answers.begin(key, fingerprint, response, signal);
      if (answer) replayAnswer(response, answer);
      else next();
    },
  };
}

class Answers {
  readonly #options: Required<IdempotencyOptions>;
  readonly #kept: LRUCache<string, Kept>;
  readonly #running = new Map<string, Running>();
  readonly #budget: { bytes: number };

  constructor(options: Required<IdempotencyOptions>) {
    this.#options = options;
    this.#budget = { bytes: options.maxBytes };
    this.#kept = new LRUCache({
      max: options.maxAnswers,
      maxSize: options.maxBytes,
      ttl: options.keepMs,
      sizeCalculation: ({ answer }) => answer.body.length + JSON.stringify(answer.headers).length,
    });
  }

  async knows(key: string): Promise<boolean> {
    if (this.#kept.has(key) || this.#running.has(key)) return true;
    return (await this.#options.shared?.knows(key)) ?? false;
  }

  /** The answer to replay; null for the first call, which continues and whose answer is recorded. */
  async begin(
    key: string,
    fingerprint: string,
    response: Response,
    signal: AbortSignal,
  ): Promise<RecordedAnswer | null> {
    const patience = AbortSignal.timeout(this.#options.patienceMs);
    for (;;) {
      const kept = this.#kept.get(key);
      const known = kept ?? this.#running.get(key);
      if (!known) break;
      if (known.fingerprint !== fingerprint) throw reused();
      if ('answer' in known) return known.answer;
      await this.#wait(known.over.promise, patience, signal);
    }
    const over = new Deferred();
    this.#running.set(key, { fingerprint, over });
    const stop = (): void => {
      this.#running.delete(key);
      over.resolve();
    };
    try {
      const call = await this.#take(key, fingerprint, patience, signal);
      if ('answer' in call) {
        stop();
        return call.answer;
      }
      // A recording ends with the "close" event of its response. A closed response does not emit it again.
      if (signal.aborted) await call.lease?.end(null);
      signal.throwIfAborted();
      this.#record(key, fingerprint, response, { lease: call.lease, stop });
      return null;
    } catch (error) {
      stop();
      throw error;
    }
  }

  /** Another machine's answer, or a lease to answer; null when this machine decides alone. */
  async #take(
    key: string,
    fingerprint: string,
    patience: AbortSignal,
    signal: AbortSignal,
  ): Promise<{ answer: RecordedAnswer } | { lease: CallLease | null }> {
    for (;;) {
      const call = (await this.#options.shared?.begin(key, fingerprint)) ?? null;
      if (call === null) return { lease: null };
      if (call.state === 'taken') return call;
      if (call.fingerprint !== fingerprint) throw reused();
      if (call.state === 'answered') return call;
      await this.#wait(setTimeoutPromise(ASK_EVERY_MS), patience, signal);
    }
  }

  async #wait(over: Promise<unknown>, patience: AbortSignal, signal: AbortSignal): Promise<void> {
    try {
      await abortable(over, AbortSignal.any([patience, signal]));
    } catch (error) {
      signal.throwIfAborted();
      throw patience.aborted ? stillRunning(error) : error;
    }
  }

  #record(
    key: string,
    fingerprint: string,
    response: Response,
    { lease, stop }: { lease: CallLease | null; stop: () => void },
  ): void {
    recordAnswer(response, this.#options.maxAnswerBytes, this.#budget, (answer) => {
      if (answer) this.#kept.set(key, { fingerprint, answer });
      void lease?.end(answer);
      stop();
    });
  }
}

/** The Idempotency-Key of a request; null where it has none. Throws AppError 400 for one that cannot be used. */
export function idempotencyKeyOf(request: Request): string | null {
  const given = request.get('idempotency-key');
  if (given === undefined) return null;
  if (!ACCEPTABLE_KEY.test(given)) {
    throw invalidRequest(
      'Idempotency-Key must be 1 to 255 visible ASCII characters; a random UUID is best.',
      {
        code: 'invalid_idempotency_key',
      },
    );
  }
  return given;
}

/** A key belongs to a caller and a route: two callers with the same key never see each other's answers. */
function answerKey(request: Request, response: Response): string | null {
  const given = idempotencyKeyOf(request);
  if (given === null) return null;
  return JSON.stringify([callerOf(response), request.method, request.path, given]);
}

/** Two calls are the same if path, query, wanted form of the answer and content are the same. */
export async function fingerprintOf(
  request: Request,
  response: Response,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const { upload } = contextOf(response);
  const form = [request.get('accept') ?? '*/*', request.get(PERSONA_HEADER) ?? ''];
  hash.update(JSON.stringify([request.method, request.originalUrl, ...form]));
  hash.update(JSON.stringify(upload ? upload.fields : ((request.body as unknown) ?? null)));
  if (upload) await pipeline(createReadStream(upload.path), hash, { signal, end: false });
  return hash.digest('base64');
}

function reused(): AppError {
  return invalidRequest(
    'This Idempotency-Key was used for a different call in the last ten minutes. Use a new key for a new call.',
    { status: 422, code: 'idempotency_key_reused' },
  );
}

/** 409: clients built for OpenAI repeat it by themselves, which helps here. */
function stillRunning(cause: unknown): AppError {
  return new AppError(
    'The call with this Idempotency-Key is still in progress. Repeat it in a moment to get the answer.',
    {
      status: 409,
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      retryAfterMs: RETRY_AFTER_MS,
      cause,
    },
  );
}
