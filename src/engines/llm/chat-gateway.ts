/** The body of a chat completion as its caller wrote it. Fields that the service does not read go through unchanged. */
export interface ChatCompletionBody {
  readonly model: string;
  readonly messages: readonly ChatCompletionMessage[];
  readonly [field: string]: unknown;
}

export interface ChatCompletionMessage {
  readonly role: string;
  readonly [field: string]: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Chat completions in OpenAI's own shape. Failures are AppErrors for the caller who wrote the body: no key, no address,
 * nothing of what the server wrote; their cause is the failure in the server's terms. Nothing is repeated: callers do that.
 */
export interface ChatGateway {
  /** The model that answers when a caller names none of the chat server's. */
  readonly model: string;
  /** Fields that the service adds to the requests in which it speaks for itself (with its persona), and only to them. */
  readonly ownFields: JsonObject;
  /** Fields that it adds to those of them which are streamed. */
  readonly streamFields: JsonObject;
  /** Why replies come from no model, as a sentence for the caller; null when a model answers. */
  readonly notice: string | null;
  /** Loads what the first call needs; absent where there is nothing to load. */
  prepare?(): Promise<void>;
  /** The whole completion. Aborting closes the connection. */
  complete(body: ChatCompletionBody, signal: AbortSignal): Promise<JsonObject>;
  /** The chunks of a completion, without the mark of the end. Aborting or leaving the loop closes the connection. */
  stream(body: ChatCompletionBody, signal: AbortSignal): AsyncIterable<JsonObject>;
}
