import { completionsOfModel } from '../assistant/completions-of-model.js';
import type { Config } from '../config/load-config.js';
import type { ChatGateway } from '../engines/llm/chat-gateway.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import { createOfflineResponder, NO_MODEL } from '../engines/llm/offline/offline-responder.js';
import { createCompletionsGateway } from '../engines/llm/openrouter/completions-gateway.js';
import { createOpenRouterChat } from '../engines/llm/openrouter/openrouter-chat.js';
import type { Logger } from '../observability/logger.js';
import { traceHeaders } from '../observability/request-context.js';

/** A reply that comes in one piece is silent until all of it is written. */
const WHOLE_REPLY_TIMES = 8;

export interface Chats {
  chat: ChatModel;
  /** The same server for callers that speak OpenAI's protocol; without one, the offline answers in its shape. */
  completions: ChatGateway;
}

export function composeChats(config: Config, logger: Logger): Chats {
  const server = chatServer(config, logger);
  if (server) {
    const wholeTimeoutMs = server.timeoutMs * WHOLE_REPLY_TIMES;
    return {
      chat: createOpenRouterChat({ ...server, maxTokens: config.CHAT_MAX_TOKENS }),
      completions: createCompletionsGateway({ ...server, wholeTimeoutMs }),
    };
  }
  const chat = createOfflineResponder({ now: () => new Date(), timeZone: 'Africa/Cairo' });
  return { chat, completions: completionsOfModel(chat, NO_MODEL) };
}

/** A named server before OpenRouter before none: the more explicit setting wins. */
function chatServer(config: Config, logger: Logger) {
  const common = {
    model: config.OPENROUTER_MODEL,
    timeoutMs: config.CHAT_TIMEOUT_SECONDS * 1_000,
    logger,
    requestHeaders: traceHeaders,
  };
  if (config.OPENAI_BASE_URL !== '') {
    const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl } = config;
    return { ...common, apiKey, baseUrl, fallbackModels: [] };
  }
  if (config.OPENROUTER_API_KEY === '') return null;
  const fallbackModels = config.OPENROUTER_FALLBACK_MODELS.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return { ...common, apiKey: config.OPENROUTER_API_KEY, fallbackModels };
}
