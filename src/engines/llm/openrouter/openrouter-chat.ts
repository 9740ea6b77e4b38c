import type OpenAI from 'openai';
import { abortable } from '../../../lib/abort.js';
import { systemClock, type Clock } from '../../../lib/clock.js';
import type { ChatEvent, ChatMessage, ChatModel } from '../chat-model.js';
import { boundedFetch } from './bounded-fetch.js';
import { ChatExchange } from './chat-exchange.js';
import { adaptationFor, chatRequest, type Adaptation, type ChatServerKind } from './chat-request.js';
import { ChatServerError } from './chat-server-error.js';
import { failureFields } from './failure-fields.js';
import { RetryBudget } from './retry.js';

export const OPENROUTER_URL = 'https://openrouter.ai/api/v1';
/** How OpenRouter lists the calls of an app; it wants a title where the address is nobody's. */
export const APP_HEADERS = { 'HTTP-Referer': 'http://localhost', 'X-OpenRouter-Title': 'Kallemni' };
const RETRIES = 2;
const RETRY_WAIT_MS = 5_000;
/** More than any token stands for, so that only a server that ignores its token limit meets it. */
const CHARACTERS_PER_TOKEN = 16;
/** Room for the JSON around every token, and for comment lines while a model is busy. */
const BYTES_PER_TOKEN = 4_096;
const BYTES_AROUND = 1 << 20;

export interface OpenRouterChatOptions {
  /** Empty for a server that wants none. */
  apiKey: string;
  model: string;
  /** Tried by OpenRouter, in order, when `model` cannot answer. Other servers are not told of them. */
  fallbackModels: readonly string[];
  /** Another OpenAI-compatible server than OpenRouter. */
  baseUrl?: string;
  /** What the server at `baseUrl` is; `compatible` unless said otherwise. */
  server?: ChatServerKind;
  maxTokens: number;
  /** Longest silence before the reply and between two of its parts. */
  timeoutMs: number;
  clock?: Clock;
  logger?: { warn(fields: object, message: string): void };
  /** Headers of each request that are known only when it is sent. */
  requestHeaders?: () => Record<string, string>;
}

export interface OpenRouterChat extends ChatModel {
  /** Loads the SDK, which the first reply would do otherwise; it takes some 50 ms and start-up has no use for it. */
  prepare(): Promise<void>;
}

/**
 * A chat model at OpenRouter or at any OpenAI-compatible server. The answer is streamed always; nothing is repeated
 * once a part of it has arrived. Needs no closing: a connection lives as long as its reply, or in fetch's own pool.
 */
export function createOpenRouterChat(options: OpenRouterChatOptions): OpenRouterChat {
  return new OpenAiCompatibleChat(options);
}

class OpenAiCompatibleChat implements OpenRouterChat {
  readonly id: string;
  readonly #options: OpenRouterChatOptions;
  readonly #server: ChatServerKind;
  readonly #clock: Clock;
  readonly #adaptations = new Set<Adaptation>();
  #loading: Promise<OpenAI> | undefined;

  constructor(options: OpenRouterChatOptions) {
    this.id = options.model;
    this.#options = options;
    this.#server = options.server ?? (options.baseUrl === undefined ? 'openrouter' : 'compatible');
    this.#clock = options.clock ?? systemClock;
  }

  async prepare(): Promise<void> {
    await this.#client();
  }

  async *reply(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    signal.throwIfAborted();
    const budget = new RetryBudget(RETRIES, RETRY_WAIT_MS);
    for (;;) {
      let spoke = false;
      const adaptations = new Set(this.#adaptations);
      try {
        for await (const event of this.#attempt(messages, adaptations, signal)) {
          spoke = true;
          yield event.type === 'done' ? this.#withFallbackWarning(event) : event;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ChatServerError)) throw error;
        if (!spoke && this.#adapt(error, adaptations)) continue;
        await this.#waitToRetry(error, spoke, budget, signal);
      }
    }
  }

  async *#attempt(
    messages: readonly ChatMessage[],
    adaptations: ReadonlySet<Adaptation>,
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const { timeoutMs, maxTokens } = this.#options;
    yield* new ChatExchange({
      client: await this.#client(),
      request: chatRequest(messages, { ...this.#options, server: this.#server }, adaptations),
      clock: this.#clock,
      timeoutMs,
      maxCharacters: maxTokens * CHARACTERS_PER_TOKEN,
      signal,
    }).events();
  }

  /** Returns when the time for another attempt has come; throws the failure for the caller when there is to be none. */
  async #waitToRetry(
    error: ChatServerError,
    spoke: boolean,
    budget: RetryBudget,
    signal: AbortSignal,
  ): Promise<void> {
    const url = this.#options.baseUrl ?? OPENROUTER_URL;
    const fields = failureFields(error, { model: this.id, url });
    const wait = !spoke && error.retryable ? budget.next(error.hints) : null;
    if (wait === null) {
      this.#options.logger?.warn(fields, 'chat server failed');
      throw error.toAppError();
    }
    this.#options.logger?.warn({ ...fields, wait_ms: Math.round(wait) }, 'chat server failed, trying again');
    await pause(this.#clock, wait, signal);
  }

  /** True when the request was refused for its form and another form is left; `used` is what it had given up already. */
  #adapt(error: ChatServerError, used: ReadonlySet<Adaptation>): boolean {
    const adaptation = adaptationFor(error);
    if (adaptation === null || used.has(adaptation)) return false;
    this.#adaptations.add(adaptation);
    this.#options.logger?.warn(
      { model: this.id, adaptation },
      'chat server refused the form of a request, adapting',
    );
    return true;
  }

  #withFallbackWarning(done: Extract<ChatEvent, { type: 'done' }>): ChatEvent {
    if (done.model === this.id || !this.#options.fallbackModels.includes(done.model)) return done;
    return {
      ...done,
      warnings: [...done.warnings, `The fallback model ${done.model} answered instead of ${this.id}.`],
    };
  }

  async #client(): Promise<OpenAI> {
    this.#loading ??= import('openai').then(({ OpenAI }) => new OpenAI(this.#clientOptions()));
    return this.#loading;
  }

  /** Everything the SDK would take from the environment is said here: configuration has one reader. */
  #clientOptions(): ConstructorParameters<typeof OpenAI>[0] {
    const { apiKey, baseUrl, maxTokens, timeoutMs } = this.#options;
    return {
      apiKey: apiKey === '' ? 'none' : apiKey,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: baseUrl ?? OPENROUTER_URL,
      defaultHeaders: {
        ...(this.#server === 'openrouter' && APP_HEADERS),
        ...(apiKey === '' && { Authorization: null }),
      },
      fetch: boundedFetch(BYTES_AROUND + maxTokens * BYTES_PER_TOKEN, this.#options.requestHeaders),
      // Its waits between retries can neither be bounded nor aborted, its timeout ends with the headers, and it logs
      // what it cannot parse.
      maxRetries: 0,
      timeout: timeoutMs * 2,
      logLevel: 'off',
    };
  }
}

/** Waits, or throws the signal's reason as soon as it aborts. */
async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: { cancel(): void } | undefined;
  try {
    await abortable(new Promise<void>((resolve) => (timer = clock.after(milliseconds, resolve))), signal);
  } finally {
    timer?.cancel();
  }
}
