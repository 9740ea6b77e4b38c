import { randomUUID } from 'node:crypto';
import type { ChatCompletionBody, ChatGateway, JsonObject } from '../engines/llm/chat-gateway.js';
import type { ChatMessage, ChatModel, ChatUsage } from '../engines/llm/chat-model.js';

const NO_USAGE: ChatUsage = { inputTokens: 0, outputTokens: 0 };

/** Chat completions from a text-only model. Tools and other fields are ignored. */
export function completionsOfModel(chat: ChatModel, notice: string | null): ChatGateway {
  return {
    model: chat.id,
    ownFields: {},
    streamFields: {},
    notice,
    complete: (body, signal) => whole(chat, body, signal),
    stream: (body, signal) => chunks(chat, body, signal),
  };
}

async function whole(chat: ChatModel, body: ChatCompletionBody, signal: AbortSignal): Promise<JsonObject> {
  let content = '';
  let finishReason = 'stop';
  let usage = NO_USAGE;
  for await (const event of chat.reply(textOf(body), signal)) {
    if (event.type === 'delta') content += event.text;
    else ({ finishReason, usage = NO_USAGE } = event);
  }
  return {
    ...head('chat.completion', chat.id),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: usageBody(usage),
  };
}

async function* chunks(
  chat: ChatModel,
  body: ChatCompletionBody,
  signal: AbortSignal,
): AsyncGenerator<JsonObject, void, undefined> {
  const common = head('chat.completion.chunk', chat.id);
  const chunk = (delta: object, finish: string | null): JsonObject => ({
    ...common,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  let begun = false;
  for await (const event of chat.reply(textOf(body), signal)) {
    if (event.type === 'delta') {
      yield chunk(begun ? { content: event.text } : { role: 'assistant', content: event.text }, null);
      begun = true;
      continue;
    }
    yield chunk({}, event.finishReason);
    if (wantsUsage(body)) yield { ...common, choices: [], usage: usageBody(event.usage ?? NO_USAGE) };
  }
}

function head(object: string, model: string): JsonObject {
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(Date.now() / 1_000), model };
}

function wantsUsage({ stream_options: options }: ChatCompletionBody): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    'include_usage' in options &&
    options.include_usage === true
  );
}

function usageBody({ inputTokens, outputTokens }: ChatUsage) {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}

const ROLES: ReadonlyMap<string, ChatMessage['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

function textOf({ messages }: ChatCompletionBody): ChatMessage[] {
  return messages.flatMap(({ role, content }) => {
    const known = ROLES.get(role);
    const text = contentText(content);
    return known === undefined || text === '' ? [] : [{ role: known, content: text }];
  });
}

/** The text of a content, which is a string or a list of parts. Parts without text are ignored. */
function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) =>
      typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string'
        ? part.text
        : '',
    )
    .filter((text) => text !== '')
    .join('\n');
}
