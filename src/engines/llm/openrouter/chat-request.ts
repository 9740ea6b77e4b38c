import type OpenAI from 'openai';
import type { ChatMessage } from '../chat-model.js';
import type { ChatServerError } from './chat-server-error.js';

/** `openrouter` understands fallback models and reasoning effort; `compatible` gets OpenAI's own fields only. */
export type ChatServerKind = 'openrouter' | 'compatible';

export interface ChatRequestOptions {
  server: ChatServerKind;
  model: string;
  fallbackModels: readonly string[];
  maxTokens: number;
}

/** What a server turned out not to take. Learnt from its refusals, kept as long as the client lives. */
export type Adaptation = 'fold-system' | 'leave-reasoning' | 'max-completion-tokens' | 'no-stream-options';

const REFUSALS: readonly { adaptation: Adaptation; words: RegExp }[] = [
  {
    // "Developer instruction is not enabled" is Gemma at Google AI Studio; the others say it in plainer words.
    adaptation: 'fold-system',
    words:
      /developer instruction|system (role|message|prompt|instruction)s? (is |are )?not |role.{0,20}system.{0,40}not (supported|allowed)/iu,
  },
  { adaptation: 'leave-reasoning', words: /reasoning.{0,60}(mandatory|required|cannot be disabled)/iu },
  { adaptation: 'max-completion-tokens', words: /max_completion_tokens/iu },
  { adaptation: 'no-stream-options', words: /stream_options/iu },
];

/** What to do differently after this refusal, or null when it is not one that a change of form can mend. */
export function adaptationFor(error: ChatServerError): Adaptation | null {
  if (error.status !== 400 && error.status !== 422) return null;
  return REFUSALS.find(({ words }) => error.says(words))?.adaptation ?? null;
}

export function chatRequest(
  messages: readonly ChatMessage[],
  options: ChatRequestOptions,
  adaptations: ReadonlySet<Adaptation>,
): OpenAI.ChatCompletionCreateParamsStreaming {
  return {
    model: options.model,
    messages: adaptations.has('fold-system') ? foldSystem(messages) : [...messages],
    stream: true,
    ...(adaptations.has('max-completion-tokens')
      ? { max_completion_tokens: options.maxTokens }
      : { max_tokens: options.maxTokens }),
    ...(options.server === 'openrouter'
      ? openRouterFields(options, adaptations)
      : !adaptations.has('no-stream-options') && { stream_options: { include_usage: true } }),
  };
}

/** Fields the SDK has no types for; it sends them as they are. */
function openRouterFields(options: ChatRequestOptions, adaptations: ReadonlySet<Adaptation>): object {
  return {
    ...(options.fallbackModels.length > 0 && { models: options.fallbackModels }),
    ...(!adaptations.has('leave-reasoning') && { reasoning: { effort: 'none' } }),
  };
}

/** System text put in front of the first user turn, for models that know no system role. */
export function foldSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  const system = messages.filter((message) => message.role === 'system').map((message) => message.content);
  const turns = messages.filter((message) => message.role !== 'system');
  if (system.length === 0) return turns;
  const instructions = system.join('\n\n');
  const first = turns.findIndex((message) => message.role === 'user');
  if (first === -1) return [{ role: 'user', content: instructions }, ...turns];
  return turns.map((message, index) =>
    index === first ? { ...message, content: `${instructions}\n\n${message.content}` } : message,
  );
}
