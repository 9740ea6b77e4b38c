import { abortable } from '../../../lib/abort.js';
import { systemClock, type Clock } from '../../../lib/clock.js';
import type { ChatCompletionBody, ChatGateway, JsonObject } from '../chat-gateway.js';
import { boundedFetch } from './bounded-fetch.js';
import { adaptationFor } from './chat-request.js';
import { ChatServerError, readChatServerError, readErrorBody } from './chat-server-error.js';
import { failureFields } from './failure-fields.js';
import { withFoldedSystem } from './folded-system.js';
import { APP_HEADERS, OPENROUTER_URL } from './openrouter-chat.js';
import { sseData } from './sse-data.js';

const MAX_BYTES = 32 * 2 ** 20;
const DONE = '[DONE]';

export interface CompletionsGatewayOptions {
  /** Another OpenAI-compatible server than OpenRouter. */
  baseUrl?: string;
  /** Empty for a server that wants none. */
  apiKey: string;
  model: string;
  /** Tried by OpenRouter, in order, where the assistant speaks for itself; other servers are not told of them. */
  fallbackModels: readonly string[];
  /** Longest silence between two parts of a streamed reply, and before its first. */
  timeoutMs: number;
  /** Longest wait for a reply that comes in one piece. */
  wholeTimeoutMs: number;
  /** More headers for each request, asked for as it is made. */
  requestHeaders?: () => Record<string, string>;
  clock?: Clock;
  logger?: { warn(fields: object, message: string): void };
}

/** Chat completions at OpenRouter or any OpenAI-compatible server: bodies go there and answers come back as they are. */
export function createCompletionsGateway(options: CompletionsGatewayOptions): ChatGateway {
  return new CompletionsGateway(options);
}

class CompletionsGateway implements ChatGateway {
  readonly model: string;
  readonly ownFields: JsonObject;
  readonly notice = null;
  readonly #options: CompletionsGatewayOptions;
  readonly #fetch: typeof fetch;

  constructor(options: CompletionsGatewayOptions) {
    this.model = options.model;
    this.ownFields =
      options.baseUrl === undefined
        ? {
            reasoning: { effort: 'none' },
            ...(options.fallbackModels.length > 0 && { models: options.fallbackModels }),
          }
        : {};
    this.#options = options;
    this.#fetch = boundedFetch(MAX_BYTES, options.requestHeaders);
  }

  async complete(body: ChatCompletionBody, signal: AbortSignal): Promise<JsonObject> {
    const connection = this.#connect(signal, this.#options.wholeTimeoutMs);
    try {
      const response = await this.#send(body, connection);
      return whole(await connection.step(response.text(), 'interrupted'), response);
    } catch (error) {
      throw this.#failure(error, signal);
    } finally {
      connection.close();
    }
  }

  async *stream(body: ChatCompletionBody, signal: AbortSignal): AsyncGenerator<JsonObject, void, undefined> {
    const connection = this.#connect(signal, this.#options.timeoutMs);
    try {
      const response = await this.#send(body, connection);
      if (response.headers.get('content-type')?.includes('json')) {
        // An error under status 200, or a server that does not stream.
        whole(await connection.step(response.text(), 'interrupted'), response);
        throw new ChatServerError('interrupted');
      }
      yield* chunksOf(response, connection);
    } catch (error) {
      throw this.#failure(error, signal);
    } finally {
      connection.close();
    }
  }

  #connect(signal: AbortSignal, timeoutMs: number): Connection {
    signal.throwIfAborted();
    return new Connection(signal, this.#options.clock ?? systemClock, timeoutMs);
  }

  async #send(body: ChatCompletionBody, connection: Connection): Promise<Response> {
    try {
      return await this.#post(body, connection);
    } catch (error) {
      const folds = error instanceof ChatServerError && adaptationFor(error) === 'fold-system';
      if (!folds) throw error;
      return this.#post(withFoldedSystem(body), connection);
    }
  }

  async #post(body: ChatCompletionBody, connection: Connection): Promise<Response> {
    const { baseUrl, apiKey } = this.#options;
    const sent = this.#fetch(`${(baseUrl ?? OPENROUTER_URL).replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey !== '' && { authorization: `Bearer ${apiKey}` }),
        ...(baseUrl === undefined && APP_HEADERS),
      },
      body: JSON.stringify(body),
      signal: connection.signal,
    });
    const response = await connection.step(sent, 'unreachable');
    if (response.ok) return response;
    const text = await connection.step(response.text(), 'interrupted');
    throw readErrorBody(errorIn(text), { status: response.status, headers: response.headers, text });
  }

  #failure(error: unknown, signal: AbortSignal): unknown {
    signal.throwIfAborted();
    if (!(error instanceof ChatServerError)) return error;
    const url = this.#options.baseUrl ?? OPENROUTER_URL;
    this.#options.logger?.warn(failureFields(error, { model: this.model, url }), 'chat server failed');
    return error.toCallersError();
  }
}

/** One connection: ends with its caller, and when the server is silent for too long. */
class Connection {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #leave = (): void => this.#controller.abort(this.#caller.reason);

  constructor(caller: AbortSignal, clock: Clock, timeoutMs: number) {
    this.#caller = caller;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    caller.addEventListener('abort', this.#leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Awaits one step of the server; `otherwise` is what its failure means. */
  async step<T>(promise: Promise<T>, otherwise: 'unreachable' | 'interrupted'): Promise<T> {
    const timer = this.#clock.after(this.#timeoutMs, () =>
      this.#controller.abort(new ChatServerError('silent')),
    );
    try {
      return await abortable(promise, this.signal);
    } catch (error) {
      this.#caller.throwIfAborted();
      throw readChatServerError(error, otherwise);
    } finally {
      timer.cancel();
    }
  }

  close(): void {
    this.#caller.removeEventListener('abort', this.#leave);
    this.#controller.abort();
  }
}

async function* chunksOf(
  response: Response,
  connection: Connection,
): AsyncGenerator<JsonObject, void, undefined> {
  const events = sseData(response.body ?? new ReadableStream<Uint8Array>())[Symbol.asyncIterator]();
  let finished = false;
  for (;;) {
    const next = await connection.step(events.next(), 'interrupted');
    if (next.done) break;
    if (next.value.trim() === DONE) return;
    const chunk = parsed(next.value);
    if (chunk['error'] !== undefined && chunk['error'] !== null) throw readErrorBody(chunk['error']);
    const reason = finishReason(chunk);
    // OpenRouter's word for a reply that broke.
    if (reason === 'error') throw new ChatServerError('interrupted');
    finished ||= reason !== null;
    yield chunk;
  }
  if (!finished) throw new ChatServerError('interrupted');
}

function whole(text: string, response: Response): JsonObject {
  const body = parsed(text);
  if (body['error'] === undefined || body['error'] === null) return body;
  throw readErrorBody(body['error'], { headers: response.headers });
}

function errorIn(text: string): unknown {
  try {
    return parsed(text)['error'];
  } catch {
    // Proxies in between answer in HTML; the status says enough.
    return undefined;
  }
}

/** Throws ChatServerError for what is no JSON object. */
function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as JsonObject;
  } catch (cause) {
    throw readChatServerError(cause, 'interrupted');
  }
  throw new ChatServerError('interrupted');
}

function finishReason({ choices }: JsonObject): string | null {
  const reasons = Array.isArray(choices)
    ? choices.map((choice: { finish_reason?: unknown } | null) => choice?.finish_reason)
    : [];
  return reasons.find((reason) => typeof reason === 'string') ?? null;
}
