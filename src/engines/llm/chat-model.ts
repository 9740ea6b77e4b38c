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
  /** Always the last event. `model` is what answered, which a fallback list can make another than was asked for. */
  | { type: 'done'; model: string; finishReason: string; usage?: ChatUsage; warnings: string[] };

export interface ChatModel {
  readonly id: string;
  /**
   * Streams one reply. Aborting closes the upstream connection. Throws AppError when the model cannot answer; an error
   * after the first delta ends the iteration by throwing, too.
   */
  reply(messages: readonly ChatMessage[], signal: AbortSignal): AsyncIterable<ChatEvent>;
}
