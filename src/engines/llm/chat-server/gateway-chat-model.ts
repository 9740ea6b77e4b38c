import { abortable } from '../../../lib/abort.js';
import { systemClock, type Clock } from '../../../lib/clock.js';
import { AppError } from '../../../lib/errors.js';
import type { ChatGateway, JsonObject } from '../chat-gateway.js';
import type { ChatEvent, ChatMessage, ChatModel, ChatUsage } from '../chat-model.js';
import { ChatServerError } from './chat-server-error.js';
import { isObject, type Chunk } from './chunk-dialects.js';
import { RetryBudget } from './retry-budget.js';

const RETRIES = 2;
const RETRY_WAIT_MS = 5_000;
/** More characters than any token has, so only a server that ignores its token limit reaches this limit. */
const CHARACTERS_PER_TOKEN = 16;

export interface GatewayChatModelOptions {
  gateway: ChatGateway;
  /** Models that may answer instead of the gateway's model. */
  fallbackModels: readonly string[];
  maxTokens: number;
  clock?: Clock;
}

/**
 * A chat model at a chat server. The reply is always streamed. A failed request is retried if that can help, but not
 * after a part of the reply has arrived, because that part may have been spoken already. Throws AppError, also for a
 * reply that reached its token limit before its first visible letter.
 */
export function createGatewayChatModel(options: GatewayChatModelOptions): ChatModel {
  const { gateway, clock = systemClock } = options;
  return {
    id: gateway.model,
    async *reply(messages, signal) {
      signal.throwIfAborted();
      const budget = new RetryBudget(RETRIES, RETRY_WAIT_MS);
      for (;;) {
        let spoke = false;
        try {
          for await (const event of new Exchange(options).events(messages, signal)) {
            spoke = true;
            yield event;
          }
          return;
        } catch (error) {
          signal.throwIfAborted();
          await pause(clock, waitBeforeRepeat(error, spoke, budget), signal);
        }
      }
    },
  };
}

/** Milliseconds until the next attempt. Throws the error for the caller when there is none. */
function waitBeforeRepeat(error: unknown, spoke: boolean, budget: RetryBudget): number {
  const failure = error instanceof AppError ? error.cause : error;
  if (!(failure instanceof ChatServerError)) throw error;
  const wait = !spoke && failure.retryable ? budget.next(failure.hints) : null;
  if (wait === null) throw failure.toAppError();
  return wait;
}

/** One request and its reply. */
class Exchange {
  readonly #options: GatewayChatModelOptions;
  readonly #maxCharacters: number;
  #model: string;
  #finishReason = 'stop';
  #usage: ChatUsage | undefined;
  #characters = 0;
  #spoke = false;

  constructor(options: GatewayChatModelOptions) {
    this.#options = options;
    this.#maxCharacters = options.maxTokens * CHARACTERS_PER_TOKEN;
    this.#model = options.gateway.model;
  }

  async *events(
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const { gateway, maxTokens } = this.#options;
    const body = {
      ...gateway.ownFields,
      ...gateway.streamFields,
      model: gateway.model,
      messages: messages.map((message) => ({ ...message })),
      stream: true,
      max_tokens: maxTokens,
    };
    for await (const chunk of gateway.stream(body, signal)) {
      const text = this.#read(chunk);
      if (text !== '') yield { type: 'delta', text };
      this.#characters += text.length;
      this.#spoke ||= text.trim() !== '';
      if (this.#characters >= this.#maxCharacters) break;
    }
    signal.throwIfAborted();
    yield this.#done();
  }

  /** Records the metadata of a chunk and returns its text. */
  #read(chunk: JsonObject): string {
    const { choices, model, usage } = chunk as Partial<Chunk>;
    if (typeof model === 'string' && model !== '') this.#model = model;
    if (isObject(usage)) this.#usage = usageOf(usage) ?? this.#usage;
    const choice = choices?.[0];
    if (choice?.finish_reason) this.#finishReason = choice.finish_reason;
    // OpenAI sends a refusal in a separate field. It is meant for the user too.
    const { content, refusal } = choice?.delta ?? {};
    return [content, refusal].find((text): text is string => typeof text === 'string' && text !== '') ?? '';
  }

  #done(): ChatEvent {
    const cut = this.#characters >= this.#maxCharacters || this.#finishReason === 'length';
    if (cut && !this.#spoke) throw this.#nothingWithinLimit();
    const fallback =
      this.#model !== this.#options.gateway.model && this.#options.fallbackModels.includes(this.#model);
    return {
      type: 'done',
      model: this.#model,
      finishReason: cut ? 'length' : this.#finishReason,
      ...(this.#usage && { usage: this.#usage }),
      warnings: [
        ...(cut ? ['The reply was cut at its longest allowed length.'] : []),
        ...(fallback
          ? [`The fallback model ${this.#model} answered instead of ${this.#options.gateway.model}.`]
          : []),
      ],
    };
  }

  /** A retry would cost the same and fail in the same way. */
  #nothingWithinLimit(): AppError {
    const limit = `CHAT_MAX_TOKENS=${this.#options.maxTokens}`;
    return new AppError(
      `The chat model reached its limit of tokens (${limit}) before it wrote an answer. Thinking counts towards the limit: the operator of this service has to raise CHAT_MAX_TOKENS, or choose a model that does not think.`,
      { status: 503, type: 'server_error', code: 'chat_token_limit' },
    );
  }
}

function usageOf({ prompt_tokens: input, completion_tokens: output }: JsonObject): ChatUsage | null {
  return typeof input === 'number' && typeof output === 'number'
    ? { inputTokens: input, outputTokens: output }
    : null;
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
