import { isTooFormal } from '../egyptian/judgements/dialect.js';
import { TOO_FORMAL_CORRECTION } from '../egyptian/prompts.js';
import type { ChatMessage, ChatModel } from '../engines/llm/chat-model.js';

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
export function createDialectGuard({ chat, ...guard }: DialectGuardParts): ChatModel {
  return {
    id: chat.id,
    reply: (messages, signal) =>
      inEgyptian({
        ...guard,
        request: (correction) => chat.reply([...messages, ...correction], signal),
        textOf: (event) => (event.type === 'delta' ? event.text : null),
      }),
  };
}

export interface GuardedStream<Event> extends Omit<DialectGuardParts, 'chat'> {
  /** Requests the reply. `correction` follows the messages of the conversation; it is empty the first time. */
  request: (correction: readonly ChatMessage[]) => AsyncIterable<Event>;
  /** The text that an event adds to the reply; null for an event without text, before which the reply is judged. */
  textOf: (event: Event) => string | null;
}

/** The events of a reply of any form, guarded as `createDialectGuard` says. */
export async function* inEgyptian<Event>(
  stream: GuardedStream<Event>,
): AsyncGenerator<Event, void, undefined> {
  const { request, textOf, createClauseCutter, onCorrection } = stream;
  const held: Event[] = [];
  const cutter = createClauseCutter();
  let opening = '';
  let judged = false;
  for await (const event of request([])) {
    if (judged) {
      yield event;
      continue;
    }
    held.push(event);
    const text = textOf(event);
    opening += text ?? '';
    if (text !== null && cutter.push(text).length === 0) continue;
    if (isTooFormal(opening)) break;
    judged = true;
    yield* held;
  }
  if (judged) return;
  if (!isTooFormal(opening)) yield* held;
  else {
    onCorrection();
    yield* request(correctionOf(opening));
  }
}

function correctionOf(opening: string): ChatMessage[] {
  return [
    { role: 'assistant', content: opening },
    { role: 'user', content: TOO_FORMAL_CORRECTION },
  ];
}
