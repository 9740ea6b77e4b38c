import type { JsonObject } from '../chat-gateway.js';
import { isObject, type Chunk } from './chunk-dialects.js';

/** Converts a whole answer to one chunk, for a server that ignored `stream`. */
export function chunkOfCompletion(completion: JsonObject): JsonObject {
  const choices: unknown[] = Array.isArray(completion['choices']) ? completion['choices'] : [];
  return {
    ...completion,
    object: 'chat.completion.chunk',
    choices: choices
      .filter(isObject)
      .map(({ message, ...choice }) => ({ ...choice, delta: withIndices(message) })),
  };
}

/** Tool calls have an index in a stream. */
function withIndices(message: unknown): unknown {
  if (!isObject(message) || !Array.isArray(message['tool_calls'])) return message;
  const calls: unknown[] = message['tool_calls'];
  return { ...message, tool_calls: calls.map((call, index) => (isObject(call) ? { index, ...call } : call)) };
}

/** Fields of a message that come in pieces and are joined; every other field comes once. */
const JOINED: ReadonlySet<string> = new Set([
  'content',
  'reasoning',
  'reasoning_content',
  'refusal',
  'arguments',
]);

/** Joins the chunks of a stream to a whole answer, for a server that streams without being asked to. */
export class CompletionBuilder {
  #completion: JsonObject = {};
  readonly #choices = new Map<number, Record<string, unknown>>();

  add(chunk: Chunk): void {
    const { choices, ...rest } = chunk;
    this.#completion = { ...this.#completion, ...withoutNulls(rest) };
    for (const [place, { delta, index = place, ...choice }] of choices.entries()) {
      const known = this.#choices.get(index) ?? { index, message: { role: 'assistant', content: null } };
      this.#choices.set(index, {
        ...known,
        ...withoutNulls(choice),
        message: joined(known['message'] as JsonObject, delta),
      });
    }
  }

  get(): JsonObject {
    const choices = [...this.#choices.values()].map((choice) => ({ finish_reason: 'stop', ...choice }));
    return { ...this.#completion, object: 'chat.completion', choices };
  }
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A message, or a part of it, with one more piece. Lists of tool calls are joined by the index of each piece. */
function joined(known: JsonObject, piece: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...known };
  for (const [field, value] of Object.entries(withoutNulls(piece))) {
    const before = result[field];
    if (typeof value === 'string' && typeof before === 'string' && JOINED.has(field))
      result[field] = before + value;
    else if (isObject(value) && isObject(before)) result[field] = joined(before, value);
    else if (field === 'tool_calls' && Array.isArray(value)) result[field] = joinedCalls(before, value);
    else result[field] = value;
  }
  return result;
}

function joinedCalls(before: unknown, pieces: readonly unknown[]): unknown[] {
  const calls: JsonObject[] = Array.isArray(before) ? before.filter(isObject) : [];
  for (const piece of pieces.filter(isObject)) {
    const { index, ...call } = piece;
    const at = typeof index === 'number' ? index : calls.length;
    calls[at] = calls[at] ? joined(calls[at], call) : call;
  }
  return calls.filter(isObject);
}
