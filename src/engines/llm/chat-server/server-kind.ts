import type { JsonObject } from '../chat-gateway.js';

/** Servers with known extra fields. `compatible` gets only OpenAI's fields, because strict servers reject others. */
export const CHAT_SERVER_KINDS = [
  'openrouter',
  'vllm',
  'sglang',
  'llamacpp',
  'ollama',
  'lmstudio',
  'deepseek',
  'compatible',
] as const;
export type ChatServerKind = (typeof CHAT_SERVER_KINDS)[number];

/**
 * Ports that only these programs normally use. vLLM's 8000 and llama.cpp's 8080 are common ports, so those need the
 * setting.
 */
const BY_PORT: Readonly<Record<string, ChatServerKind>> = {
  '11434': 'ollama',
  '1234': 'lmstudio',
  '30000': 'sglang',
};

/** The kind of server, if the address identifies it. */
export function recogniseChatServer(baseUrl: string): ChatServerKind {
  const { hostname, port } = new URL(baseUrl);
  if (/(?:^|\.)openrouter\.ai$/u.test(hostname)) return 'openrouter';
  if (/(?:^|\.)deepseek\.com$/u.test(hostname)) return 'deepseek';
  return BY_PORT[port] ?? 'compatible';
}

/**
 * Both names, since templates differ: Qwen and Gemma read `enable_thinking`, Granite and DeepSeek `thinking`. Templates
 * ignore what they do not read.
 */
const TEMPLATE_SWITCH: JsonObject = { chat_template_kwargs: { enable_thinking: false, thinking: false } };
const EFFORT_SWITCH: JsonObject = { reasoning_effort: 'none' };

const THINKING_OFF: Readonly<Record<ChatServerKind, JsonObject>> = {
  openrouter: { reasoning: { effort: 'none' } },
  vllm: TEMPLATE_SWITCH,
  sglang: TEMPLATE_SWITCH,
  llamacpp: TEMPLATE_SWITCH,
  ollama: EFFORT_SWITCH,
  lmstudio: EFFORT_SWITCH,
  deepseek: { thinking: { type: 'disabled' } },
  compatible: {},
};

/**
 * The fields that switch thinking off at this server. Thinking would cost seconds of silence and tokens of the reply's
 * limit.
 */
export function thinkingOff(kind: ChatServerKind): JsonObject {
  return THINKING_OFF[kind];
}
