import { AppError, invalidRequest, overloaded, unavailable } from '../../../lib/errors.js';
import { FAILURES, type ChatFailure } from './failure.js';
import type { RetryHints } from './retry-hints.js';

/** The retry time when the server gave no hint. */
const DEFAULT_HINT_MS = 2_000;
/** Clients built for OpenAI ignore longer times. The message contains the whole time. */
const LONGEST_HINT_MS = 60_000;
const WORTH_RETRYING: ReadonlySet<ChatFailure> = new Set([
  'unreachable',
  'interrupted',
  'rate_limited',
  'loading',
  'server_failed',
  'web_page',
]);

/** Matches names only. Sentences could quote prompts and keys. */
export interface ErrorNames {
  code?: string;
  param?: string;
}

export interface ChatServerErrorDetails {
  status?: number;
  hints?: RetryHints;
  /** The server's text. */
  text?: string;
  /** The part of the text that can be logged. */
  reason?: string | null;
  names?: ErrorNames;
  systemCode?: string | null;
  /** The path of the request, without secrets. */
  path?: string;
}

/**
 * A failure of the chat server. All public fields are safe to log. The server's text, which can quote prompts and keys,
 * is in a private field; `says` only tests it.
 */
export class ChatServerError extends Error {
  override readonly name = 'ChatServerError';
  readonly failure: ChatFailure;
  /** Status of the answer, or of the error inside it; null when there was no answer. */
  readonly status: number | null;
  readonly hints: RetryHints;
  /** The system's code when there was no answer (ECONNREFUSED, ENOTFOUND, ...); null without a code. */
  readonly systemCode: string | null;
  /** True when a retry within seconds can help. */
  readonly retryable: boolean;
  /** The server's own names of the error and the invalid field, if any. */
  readonly names: ErrorNames;
  /** The server's message, if it contains no secret and nothing of the conversation. */
  readonly reason: string | null;
  readonly #path: string | null;
  readonly #text: string;

  constructor(failure: ChatFailure, details: ChatServerErrorDetails = {}) {
    super(`chat server: ${failure}${details.status === undefined ? '' : ` (status ${details.status})`}`);
    this.failure = failure;
    this.status = details.status ?? null;
    this.hints = details.hints ?? {};
    this.systemCode = details.systemCode ?? null;
    this.retryable = this.hints.shouldRetry ?? WORTH_RETRYING.has(failure);
    this.names = details.names ?? {};
    this.reason = details.reason ?? null;
    this.#path = details.path ?? null;
    this.#text = details.text ?? '';
  }

  /** True when the server's text matches. */
  says(pattern: RegExp): boolean {
    return pattern.test(this.#text);
  }

  /** Converts the failure to the error for a caller of this service. The message says who has to act. */
  toAppError(): AppError {
    const { fixedBy, code } = FAILURES[this.failure];
    const message = this.#message();
    if (fixedBy === 'time') return unavailable(message, this.#waitMs(), { code, cause: this });
    if (fixedBy === 'caller') return invalidRequest(message, { code, cause: this });
    return new AppError(message, { status: 503, type: 'server_error', code, cause: this });
  }

  /**
   * Converts the failure for a caller who wrote the request body. An error in the body becomes a 4xx, and `code` is the
   * server's own name of the error.
   */
  toCallersError(): AppError {
    const { failure, names, status } = this;
    const details = { ...(names.param !== undefined && { param: names.param }), cause: this };
    if (failure === 'rate_limited') {
      const code = names.code ?? 'rate_limit_exceeded';
      return overloaded(this.#message(), this.#waitMs(), { code, cause: this });
    }
    if (failure === 'unknown_model' || failure === 'not_found') {
      const message = 'The chat server does not have this model.';
      return invalidRequest(message, { status: 404, code: 'model_not_found', param: 'model', cause: this });
    }
    if (failure === 'no_provider') {
      const message =
        "No provider of this model fits the request, the data policy or the provider settings of this service's account.";
      return invalidRequest(message, { status: 404, code: 'model_not_found', param: 'model', cause: this });
    }
    if (failure === 'rejected') {
      const field = names.param === undefined ? '' : ` Look at "${names.param}".`;
      const message = `The chat server did not accept this request.${field}`;
      const refused = status === 422 ? { status } : {};
      return invalidRequest(message, { ...refused, ...details, code: names.code ?? 'chat_rejected' });
    }
    return this.toAppError();
  }

  #waitMs(): number {
    return Math.min(this.hints.afterMs ?? DEFAULT_HINT_MS, LONGEST_HINT_MS);
  }

  #message(): string {
    const { message, fixedBy } = FAILURES[this.failure];
    const { afterMs = 0 } = this.hints;
    const wait = fixedBy === 'time' && afterMs > LONGEST_HINT_MS ? ` Try again in ${inWords(afterMs)}.` : '';
    const path = this.failure === 'wrong_address' && this.#path !== null ? ` Asked: ${this.#path}` : '';
    return message + wait + path;
  }
}

function inWords(milliseconds: number): string {
  const minutes = Math.ceil(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return `${Math.ceil(minutes / 60)} hours`;
}
