import type { Config } from '../config/load-config.js';
import type { ChatModel } from '../engines/llm/chat-model.js';
import { createOfflineResponder } from '../engines/llm/offline/offline-responder.js';
import { createOpenRouterChat } from '../engines/llm/openrouter/openrouter-chat.js';
import type { Logger } from '../observability/logger.js';

/** A named server before OpenRouter before none: the more explicit setting wins. */
export function composeChat(config: Config, logger: Logger): ChatModel {
  const limits = {
    model: config.OPENROUTER_MODEL,
    maxTokens: config.CHAT_MAX_TOKENS,
    timeoutMs: config.CHAT_TIMEOUT_SECONDS * 1_000,
    logger,
  };
  if (config.OPENAI_BASE_URL !== '') {
    return createOpenRouterChat({
      ...limits,
      apiKey: config.OPENAI_API_KEY,
      baseUrl: config.OPENAI_BASE_URL,
      fallbackModels: [],
    });
  }
  if (config.OPENROUTER_API_KEY !== '') {
    const fallbackModels = config.OPENROUTER_FALLBACK_MODELS.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    return createOpenRouterChat({ ...limits, apiKey: config.OPENROUTER_API_KEY, fallbackModels });
  }
  return createOfflineResponder({ now: () => new Date(), timeZone: 'Africa/Cairo' });
}
