/** The body of a chat completion as its caller wrote it. What the service does not read goes through as it is. */
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
 * Chat completions in OpenAI's own shape, for callers that speak it themselves. Everything throws AppError as the caller
 * may read it: no key, no address, nothing of what the server wrote. Nothing is repeated, since such callers do that.
 */
export interface ChatGateway {
  /** What answers where a caller names no model of the chat server. */
  readonly model: string;
  /** Fields that the service adds where it speaks for itself (the persona), and only there. */
  readonly ownFields: JsonObject;
  /** Why replies come from no model, as a sentence for the caller; null where one answers. */
  readonly notice: string | null;
  /** The whole completion. Aborting closes the connection. */
  complete(body: ChatCompletionBody, signal: AbortSignal): Promise<JsonObject>;
  /** The chunks of a completion, the mark of the end left out. Aborting or leaving the loop closes the connection. */
  stream(body: ChatCompletionBody, signal: AbortSignal): AsyncIterable<JsonObject>;
}
