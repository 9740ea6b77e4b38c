import type { JsonObject } from '../chat-gateway.js';

/** One choice of a chunk, with the fields that are read here. */
export interface ChunkChoice {
  readonly index?: number;
  readonly delta: JsonObject;
  readonly finish_reason: string | null;
  readonly [field: string]: unknown;
}

export interface Chunk {
  readonly choices: readonly ChunkChoice[];
  readonly [field: string]: unknown;
}

/** Other servers' names for OpenAI's finish reasons. */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map([
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['complete', 'stop'],
  ['normal', 'stop'],
  ['safety', 'content_filter'],
]);

/**
 * Converts a chunk of a stream to OpenAI's format. Servers deviate: content as a list of parts, `message` or `text`
 * instead of `delta`, an empty finish reason, no choices. Null for an event that is not a chunk, such as a ping.
 */
export function readChunk(json: JsonObject): Chunk | null {
  const { choices } = json;
  if (!Array.isArray(choices)) return isObject(json['usage']) ? { ...json, choices: [] } : null;
  return { ...json, choices: choices.filter(isObject).map(readChoice) };
}

function readChoice(choice: JsonObject): ChunkChoice {
  const { delta, message, text, finish_reason, ...rest } = choice;
  const written = isObject(delta) ? delta : isObject(message) ? message : {};
  const spoken = written['content'] === undefined && typeof text === 'string' ? { content: text } : {};
  return {
    ...rest,
    delta: withPlainContent({ ...written, ...spoken }),
    finish_reason: readFinishReason(finish_reason),
  };
}

/** Null while the reply continues. Some servers write an empty text or the word "null". */
export function readFinishReason(reason: unknown): string | null {
  if (typeof reason !== 'string' || reason === '' || reason === 'null') return null;
  return FINISH_REASONS.get(reason.toLowerCase()) ?? (reason === 'STOP' ? 'stop' : reason);
}

/** Converts a whole answer to OpenAI's format. */
export function readCompletion(json: JsonObject): JsonObject {
  const { choices } = json;
  if (!Array.isArray(choices)) return json;
  return {
    ...json,
    choices: choices.filter(isObject).map((choice) => {
      const { delta, message, text, finish_reason, ...rest } = choice;
      const written = isObject(message) ? message : isObject(delta) ? delta : {};
      const spoken = written['content'] === undefined && typeof text === 'string' ? { content: text } : {};
      return {
        ...rest,
        message: withPlainContent({ role: 'assistant', ...written, ...spoken }),
        finish_reason: readFinishReason(finish_reason) ?? 'stop',
      };
    }),
  };
}

/** The message with its content as text. A message without content stays unchanged. */
function withPlainContent(message: JsonObject): JsonObject {
  const { content } = message;
  return typeof content === 'object' && content !== null
    ? { ...message, content: contentText(content) }
    : message;
}

/**
 * The text of a content: a string, one part, or parts of which some are text. Parts with thoughts (Mistral), pictures
 * and references are skipped.
 */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(contentText).join('');
  if (!isObject(content)) return '';
  const { type, text } = content;
  return (type === undefined || type === 'text' || type === 'output_text') && typeof text === 'string'
    ? text
    : '';
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
