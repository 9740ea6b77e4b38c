import type OpenAI from 'openai';
import { abortable } from '../../../lib/abort.js';
import type { Clock } from '../../../lib/clock.js';
import type { ChatEvent, ChatUsage } from '../chat-model.js';
import { ChatServerError, readChatServerError, readErrorBody } from './chat-server-error.js';

/** A server that has given its finish reason owes only usage and the end of the body: worth a moment, not the whole timeout. */
const LAST_WORDS_MS = 1_000;

export interface ExchangeOptions {
  client: OpenAI;
  request: OpenAI.ChatCompletionCreateParamsStreaming;
  clock: Clock;
  /** Longest silence before the answer and between two of its parts. */
  timeoutMs: number;
  /** A reply is cut after the part that reaches this, whatever the server was asked to keep to. */
  maxCharacters: number;
  signal: AbortSignal;
}

/**
 * One request and its answer. Ends by throwing a ChatServerError or the signal's reason; however it ends, the
 * connection is closed unless the answer was read to its end.
 */
export class ChatExchange {
  readonly #options: ExchangeOptions;
  readonly #connection = new AbortController();
  #model: string;
  #finishReason: string | undefined;
  #usage: ChatUsage | undefined;
  #characters = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#model = options.request.model;
  }

  async *events(): AsyncGenerator<ChatEvent, void, undefined> {
    const { signal, maxCharacters } = this.#options;
    signal.throwIfAborted();
    const leave = (): void => this.#connection.abort(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      for await (const text of this.#texts()) {
        yield { type: 'delta', text };
        this.#characters += text.length;
        if (this.#characters >= maxCharacters) break;
      }
      signal.throwIfAborted();
      yield this.#done();
    } finally {
      signal.removeEventListener('abort', leave);
      this.#connection.abort();
    }
  }

  #done(): ChatEvent {
    const cut = this.#characters >= this.#options.maxCharacters || this.#finishReason === 'length';
    return {
      type: 'done',
      model: this.#model,
      finishReason: cut ? 'length' : (this.#finishReason ?? 'stop'),
      ...(this.#usage && { usage: this.#usage }),
      warnings: cut ? ['The reply was cut at its longest allowed length.'] : [],
    };
  }

  async *#texts(): AsyncGenerator<string, void, undefined> {
    const { client, request, timeoutMs } = this.#options;
    const sent = client.chat.completions.create(request, { signal: this.#connection.signal }).withResponse();
    const { data, response } = await this.#within(timeoutMs, sent, 'unreachable');
    // The SDK takes every answer to a streaming request for a stream and finds nothing in a body that is none.
    if (response.headers.get('content-type')?.includes('json')) yield* this.#wholeBody(response);
    else yield* this.#stream(data);
  }

  async *#stream(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): AsyncGenerator<string, void, undefined> {
    const chunks = stream[Symbol.asyncIterator]();
    for (;;) {
      const chunk = await this.#nextChunk(chunks);
      if (chunk === null) break;
      const text = this.#read(chunk);
      if (text !== '') yield text;
    }
    if (this.#finishReason === undefined) throw new ChatServerError('interrupted');
  }

  async #nextChunk(
    chunks: AsyncIterator<OpenAI.ChatCompletionChunk>,
  ): Promise<OpenAI.ChatCompletionChunk | null> {
    const finished = this.#finishReason !== undefined;
    const wait = finished ? Math.min(LAST_WORDS_MS, this.#options.timeoutMs) : this.#options.timeoutMs;
    try {
      const next = await this.#within(wait, chunks.next(), 'interrupted');
      return next.done ? null : next.value;
    } catch (error) {
      if (finished && !this.#options.signal.aborted) return null;
      throw error;
    }
  }

  /** Takes in what a chunk says about the reply and returns its text. Servers leave out fields that the types promise. */
  #read(chunk: Partial<OpenAI.ChatCompletionChunk>): string {
    const choice = chunk.choices?.[0];
    if (chunk.model) this.#model = chunk.model;
    if (chunk.usage) this.#usage = usageOf(chunk.usage);
    if (choice?.finish_reason) this.#finish(choice.finish_reason);
    return asText(choice?.delta?.content);
  }

  /** An error under status 200, or the whole reply of a server that does not stream. */
  async *#wholeBody(response: Response): AsyncGenerator<string, void, undefined> {
    const body = parse(await this.#within(this.#options.timeoutMs, response.text(), 'interrupted'));
    if (body?.error !== undefined && body.error !== null)
      throw readErrorBody(body.error, { headers: response.headers });
    const choice = body?.choices?.[0];
    if (!choice) throw new ChatServerError('interrupted');
    if (body?.model) this.#model = body.model;
    if (body?.usage) this.#usage = usageOf(body.usage);
    this.#finish(choice.finish_reason ?? 'stop');
    const text = asText(choice.message?.content);
    if (text !== '') yield text;
  }

  /** OpenRouter's `error` is a finish reason that no type of the SDK knows. */
  #finish(reason: string): void {
    if (reason === 'error') throw new ChatServerError('interrupted');
    this.#finishReason = reason;
  }

  /** Awaits one step; silence closes the connection, and so does the caller's signal. */
  async #within<T>(
    milliseconds: number,
    step: Promise<T>,
    otherwise: 'unreachable' | 'interrupted',
  ): Promise<T> {
    const timer = this.#options.clock.after(milliseconds, () =>
      this.#connection.abort(new ChatServerError('silent')),
    );
    try {
      return await abortable(step, this.#connection.signal);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      throw readChatServerError(error, otherwise);
    } finally {
      timer.cancel();
    }
  }
}

type WholeBody = Partial<OpenAI.ChatCompletion> & { error?: unknown };

function parse(text: string): WholeBody | null {
  try {
    return JSON.parse(text) as WholeBody | null;
  } catch (cause) {
    throw readChatServerError(cause, 'interrupted');
  }
}

function asText(content: unknown): string {
  return typeof content === 'string' ? content : '';
}

function usageOf(usage: Partial<OpenAI.CompletionUsage>): ChatUsage | undefined {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage;
  return inputTokens === undefined || outputTokens === undefined ? undefined : { inputTokens, outputTokens };
}
