import type { ChatCompletionBody, JsonObject } from '../chat-gateway.js';
import type { ChatServerError } from './chat-server-error.js';
import { withFoldedSystem } from './folded-system.js';

/** Features that a model rejects, learnt from its errors. */
export type Adaptation =
  'fold-system' | 'leave-thinking-switch' | 'max-completion-tokens' | 'no-stream-options';

const REFUSALS: readonly { adaptation: Adaptation; words: RegExp }[] = [
  {
    // "Developer instruction is not enabled" is Gemma at Google AI Studio; the others say it in plainer words.
    adaptation: 'fold-system',
    words:
      /developer instruction|system (role|message|prompt|instruction)s? (is |are )?not |role.{0,20}system.{0,40}not (supported|allowed)/iu,
  },
  {
    adaptation: 'leave-thinking-switch',
    words:
      /reasoning.{0,60}(mandatory|required|cannot be disabled)|(reasoning(_effort)?|chat_template_kwargs|thinking).{0,80}(not (support|permit|allow|recogni)|unsupported|unknown|unrecogni|unexpected|invalid)|(not (support|permit|allow|recogni)|unsupported|unknown|unrecogni|unexpected|invalid).{0,80}(reasoning(_effort)?|chat_template_kwargs|thinking)/iu,
  },
  { adaptation: 'max-completion-tokens', words: /max_completion_tokens/iu },
  { adaptation: 'no-stream-options', words: /stream_options/iu },
];

/** How to change the request after this error, or null when no other form can fix it. */
export function adaptationFor(error: ChatServerError): Adaptation | null {
  if (error.status !== 400 && error.status !== 422) return null;
  return REFUSALS.find(({ words }) => error.says(words))?.adaptation ?? null;
}

/**
 * The body in the form that the model accepts. Only the thinking switches in `own` are removed, by identity; a caller
 * who sets one gets the server's error.
 */
export function adaptBody(
  body: ChatCompletionBody,
  adaptations: ReadonlySet<Adaptation>,
  own: JsonObject,
): ChatCompletionBody {
  const adapted: Record<string, unknown> = {
    ...(adaptations.has('fold-system') ? withFoldedSystem(body) : body),
  };
  if (adaptations.has('max-completion-tokens') && adapted['max_tokens'] !== undefined) {
    adapted['max_completion_tokens'] ??= adapted['max_tokens'];
    delete adapted['max_tokens'];
  }
  if (adaptations.has('no-stream-options')) delete adapted['stream_options'];
  if (adaptations.has('leave-thinking-switch'))
    for (const [field, value] of Object.entries(own)) if (adapted[field] === value) delete adapted[field];
  return adapted as ChatCompletionBody;
}
