import type { ChatCompletionBody } from '../chat-gateway.js';
import { parseJson } from './parse-json.js';

/** Text that must not be logged: the key and the conversation. */
export interface Secrets {
  apiKey: string;
  body: ChatCompletionBody;
}

const LONGEST_REASON = 300;
/** Anything that looks like a key of a known form, also with stars in its middle. */
const KEYS = /\b(?:sk|pk|rk|gsk|xai|hf|nvapi|org|proj)[-_][\w*.-]{6,}|\bAIza[\w-]{10,}|\bBearer\s+\S+/gu;
/**
 * This many successive characters of a message are a quotation. A shorter message counts only as a whole, from
 * `SHORTEST_QUOTE` characters on.
 */
const QUOTE = 24;
const SHORTEST_QUOTE = 5;

/**
 * The server's own reason for an error, for the log: one line, keys replaced. Null when there is none, or when it
 * contains the key of this service or part of the conversation. `error` is the parsed body of the answer, or its text.
 */
export function safeReason(error: unknown, secrets: Secrets): string | null {
  const words = messageIn(error)?.replace(/\s+/gu, ' ').trim();
  if (!words) return null;
  if (secrets.apiKey !== '' && words.includes(secrets.apiKey)) return null;
  const reason = words.slice(0, LONGEST_REASON);
  return quotes(reason, textsOf(secrets.body)) ? null : reason.replace(KEYS, '[key]');
}

/** The most specific message: the provider's message takes precedence over the router's. */
function messageIn(error: unknown, depth = 0): string | null {
  if (typeof error === 'string') return depth < 6 ? readText(error, depth) : null;
  if (Array.isArray(error)) return messageIn(error[0], depth + 1);
  if (typeof error !== 'object' || error === null || depth > 5) return null;
  const { metadata, message, error: inner, detail } = error as Record<string, unknown>;
  const raw = (metadata as { raw?: unknown } | null | undefined)?.raw;
  for (const candidate of [raw, inner, message, detail]) {
    const found = messageIn(candidate, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function readText(text: string, depth: number): string | null {
  const json = /^\s*[[{]/u.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) return messageIn(json, depth + 1);
  if (/^\s*</u.test(text)) return /<title>([^<]*)/iu.exec(text)?.[1] ?? null;
  return text.trim() === '' ? null : text;
}

function quotes(reason: string, texts: readonly string[]): boolean {
  return texts.some((text) => {
    const said = text.replace(/\s+/gu, ' ').trim();
    if (said.length < QUOTE) return said.length >= SHORTEST_QUOTE && reason.includes(said);
    for (let at = 0; at + QUOTE <= reason.length; at += 1)
      if (said.includes(reason.slice(at, at + QUOTE))) return true;
    return false;
  });
}

function textsOf({ messages }: ChatCompletionBody): string[] {
  return messages.flatMap(({ content }) => {
    const parts: unknown[] = Array.isArray(content) ? content : [content];
    return parts.flatMap((part) => {
      const text = typeof part === 'object' && part !== null ? (part as { text?: unknown }).text : part;
      return typeof text === 'string' ? [text] : [];
    });
  });
}
