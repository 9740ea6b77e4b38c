import type {
  ChatCompletionBody,
  ChatCompletionMessage,
  ChatGateway,
  JsonObject,
} from '../engines/llm/chat-gateway.js';
import { egyptianPersona, type Persona } from './persona.js';

/** The model name that means the assistant with its persona. */
export const ASSISTANT_MODEL = 'kallemni';
/** OpenAI's own names: programs written for OpenAI send them to every server. */
const OPENAI_NAME = /^(gpt-|chatgpt-|o\d)/;

export interface ChatCompletions {
  /** Why no model answers, as a sentence for the caller; null when a model answers. */
  readonly notice: string | null;
  complete(body: ChatCompletionBody, persona: boolean, signal: AbortSignal): Promise<JsonObject>;
  stream(body: ChatCompletionBody, persona: boolean, signal: AbortSignal): AsyncIterable<JsonObject>;
}

export interface ChatCompletionsParts {
  gateway: ChatGateway;
  persona?: Persona;
  /** The wall clock for the persona. */
  now?: () => Date;
}

/** Completions of the chat server, with the Egyptian persona when a request asks for it. */
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
 * The configured model for the assistant's name, and for OpenAI's names unless the configured model is one of them. Any
 * other name goes to the chat server unchanged.
 */
function chatModelFor(asked: string, configured: string): string {
  if (asked === ASSISTANT_MODEL) return configured;
  return takesOpenAiNames(configured) && OPENAI_NAME.test(asked) ? configured : asked;
}

/** True when OpenAI's names, such as `gpt-4o`, select the configured model. */
export function takesOpenAiNames(configured: string): boolean {
  return !OPENAI_NAME.test(configured);
}

/** The messages with the persona's instructions before the caller's, and its examples before the conversation. */
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
