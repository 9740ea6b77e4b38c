import type { ChatCompletionBody, ChatCompletionMessage } from '../chat-gateway.js';

/** Changes the body for models without a system role: instructions move to the start of the first user message. */
export function withFoldedSystem(body: ChatCompletionBody): ChatCompletionBody {
  const isSystem = ({ role }: ChatCompletionMessage): boolean => role === 'system' || role === 'developer';
  const instructions = body.messages.filter(isSystem).flatMap(({ content }) => partsOf(content));
  const turns = body.messages.filter((message) => !isSystem(message));
  if (instructions.length === 0) return body;
  const first = turns.findIndex(({ role }) => role === 'user');
  if (first === -1) return { ...body, messages: [{ role: 'user', content: joined(instructions) }, ...turns] };
  const messages = turns.map((message, index) =>
    index === first
      ? { ...message, content: joined([...instructions, ...partsOf(message['content'])]) }
      : message,
  );
  return { ...body, messages };
}

/** A content is a string or a list of parts. */
function partsOf(content: unknown): unknown[] {
  return Array.isArray(content) ? content : [content];
}

function joined(parts: readonly unknown[]): unknown {
  if (parts.every((part) => typeof part === 'string')) return parts.join('\n\n');
  return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));
}
