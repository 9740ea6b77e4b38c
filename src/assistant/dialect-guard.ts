import { isTooFormal } from '../egyptian/judgements/dialect.js';
import { TOO_FORMAL_CORRECTION } from '../egyptian/prompts.js';
import type { ChatEvent, ChatMessage, ChatModel } from '../engines/llm/chat-model.js';

export interface DialectGuardParts {
  chat: ChatModel;
  /** Cuts growing text into clauses that can be spoken. */
  createClauseCutter: () => { push: (text: string) => string[] };
  /** Called for every reply that is requested again, for the metrics. */
  onCorrection: () => void;
}

/**
 * A chat model that holds each reply back until its first clause is complete. A reply that begins in formal Arabic is
 * dropped and requested once more with a correction. The second reply is passed on unchecked, because another wait costs the
 * listener more than a formal word.
 */
export function createDialectGuard({ chat, createClauseCutter, onCorrection }: DialectGuardParts): ChatModel {
  return {
    id: chat.id,
    async *reply(messages, signal) {
      const held: ChatEvent[] = [];
      const cutter = createClauseCutter();
      let opening = '';
      let judged = false;
      for await (const event of chat.reply(messages, signal)) {
        if (judged) {
          yield event;
          continue;
        }
        held.push(event);
        if (event.type === 'delta') opening += event.text;
        if (event.type === 'delta' && cutter.push(event.text).length === 0) continue;
        if (isTooFormal(opening)) break;
        judged = true;
        yield* held;
      }
      if (judged) return;
      onCorrection();
      yield* chat.reply(corrected(messages, opening), signal);
    },
  };
}

function corrected(messages: readonly ChatMessage[], opening: string): ChatMessage[] {
  return [
    ...messages,
    { role: 'assistant', content: opening },
    { role: 'user', content: TOO_FORMAL_CORRECTION },
  ];
}
