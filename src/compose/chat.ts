import { completionsOfModel } from '../assistant/completions-of-model.js';
import type { Config } from '../config/load-config.js';
import type { ChatGateway } from '../engines/llm/chat-gateway.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import { createOfflineResponder, NO_MODEL } from '../engines/llm/offline/offline-responder.js';
import { createCompletionsGateway } from '../engines/llm/chat-server/completions-gateway.js';
import { createGatewayChatModel } from '../engines/llm/chat-server/gateway-chat-model.js';
import type { Logger } from '../observability/logger.js';
import { traceHeaders } from '../observability/request-context.js';

/** A server that does not stream sends nothing until the whole reply is written. */
const WHOLE_REPLY_TIMES = 8;

export interface Chats {
  chat: ChatModel;
  /**
   * The same server for callers that use OpenAI's protocol. Without a chat server, offline answers in the same format.
   */
  completions: ChatGateway;
}

export function composeChats(config: Config, logger: Logger): Chats {
  const server = chatServer(config, logger);
  if (server) {
    const gateway = createCompletionsGateway(server);
    const { fallbackModels } = server;
    return {
      chat: createGatewayChatModel({ gateway, fallbackModels, maxTokens: config.CHAT_MAX_TOKENS }),
      completions: gateway,
    };
  }
  const chat = createOfflineResponder({ now: () => new Date(), timeZone: 'Africa/Cairo' });
  return { chat, completions: completionsOfModel(chat, NO_MODEL) };
}

/** OPENAI_BASE_URL takes precedence over OpenRouter's key. Null when neither is set. */
function chatServer(config: Config, logger: Logger) {
  const common = {
    model: config.OPENROUTER_MODEL,
    timeoutMs: config.CHAT_TIMEOUT_SECONDS * 1_000,
    wholeTimeoutMs: config.CHAT_TIMEOUT_SECONDS * 1_000 * WHOLE_REPLY_TIMES,
    logger,
    requestHeaders: traceHeaders,
  };
  if (config.OPENAI_BASE_URL !== '') {
    const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, CHAT_SERVER: server } = config;
    return { ...common, apiKey, baseUrl, fallbackModels: [], ...(server !== 'auto' && { server }) };
  }
  if (config.OPENROUTER_API_KEY === '') return null;
  const fallbackModels = config.OPENROUTER_FALLBACK_MODELS.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return { ...common, apiKey: config.OPENROUTER_API_KEY, fallbackModels };
}
