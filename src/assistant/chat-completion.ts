import type {
  ChatCompletionBody,
  ChatCompletionMessage,
  ChatGateway,
  JsonObject,
} from '../engines/llm/chat-gateway.js';
import { egyptianPersona, type Persona } from './persona.js';

/** The name under which the assistant itself answers, with its persona. */
export const ASSISTANT_MODEL = 'kallemni';
/** OpenAI's own names: programs send them to whatever server they are pointed at. */
const OPENAI_NAME = /^(gpt-|chatgpt-|o\d)/;

export interface ChatCompletions {
  /** Why replies come from no model, as a sentence for the caller; null where one answers. */
  readonly notice: string | null;
  complete(body: ChatCompletionBody, persona: boolean, signal: AbortSignal): Promise<JsonObject>;
  stream(body: ChatCompletionBody, persona: boolean, signal: AbortSignal): AsyncIterable<JsonObject>;
}

export interface ChatCompletionsParts {
  gateway: ChatGateway;
  persona?: Persona;
  /** The wall clock that the persona is told. */
  now?: () => Date;
}

/** Completions as the chat server gives them; as the Egyptian assistant where that is asked for. */
export function createChatCompletions({
  gateway,
  persona = egyptianPersona,
  now = () => new Date(),
}: ChatCompletionsParts): ChatCompletions {
  const bodyFor = (body: ChatCompletionBody, asAssistant: boolean): ChatCompletionBody => {
    const model = chatModelFor(body.model, gateway.model);
    if (!asAssistant && body.model !== ASSISTANT_MODEL) return { ...body, model };
    return {
      ...gateway.ownFields,
      ...body,
      model,
      messages: withPersona(body.messages, persona, now()),
    };
  };
  return {
    notice: gateway.notice,
    complete: (body, asAssistant, signal) => gateway.complete(bodyFor(body, asAssistant), signal),
    stream: (body, asAssistant, signal) => gateway.stream(bodyFor(body, asAssistant), signal),
  };
}

/**
 * The configured model for our own name, and for OpenAI's names where the configured one is none of them; every other id
 * is the chat server's to know.
 */
function chatModelFor(asked: string, configured: string): string {
  if (asked === ASSISTANT_MODEL) return configured;
  return takesOpenAiNames(configured) && OPENAI_NAME.test(asked) ? configured : asked;
}

/** Whether `gpt-4o` and its like mean the configured model. */
export function takesOpenAiNames(configured: string): boolean {
  return !OPENAI_NAME.test(configured);
}

/** Who the assistant is and how it talks, before the caller's own instructions and conversation. */
function withPersona(
  messages: readonly ChatCompletionMessage[],
  persona: Persona,
  now: Date,
): ChatCompletionMessage[] {
  const isInstruction = ({ role }: ChatCompletionMessage): boolean =>
    role === 'system' || role === 'developer';
  const first = messages.findIndex((message) => !isInstruction(message));
  const count = first === -1 ? messages.length : first;
  return [
    { role: 'system', content: persona.system(now) },
    ...messages.slice(0, count),
    ...persona.examples.map((example) => ({ ...example })),
    ...messages.slice(count),
  ];
}
