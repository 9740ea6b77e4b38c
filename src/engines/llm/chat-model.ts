export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatUsage {
  inputTokens: number;
  outputTokens: number;
}

export type ChatEvent =
  | { type: 'delta'; text: string }
  /** Always the last event. `model` is the model that answered; with fallback models it can differ from `ChatModel.id`. */
  | { type: 'done'; model: string; finishReason: string; usage?: ChatUsage; warnings: string[] };

export interface ChatModel {
  readonly id: string;
  /**
   * Streams one reply. Aborting closes the connection to the model's server. Throws AppError when the model cannot answer,
   * before the first delta or after it.
   */
  reply(messages: readonly ChatMessage[], signal: AbortSignal): AsyncIterable<ChatEvent>;
}
