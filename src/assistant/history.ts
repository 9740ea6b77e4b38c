/** One message of a conversation. */
export interface HistoryMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** About three minutes of talk, which a small chat model can still follow. */
const MOST_TURNS = 12;
const MOST_CHARACTERS = 8_000;

/**
 * The newest turns within the limits, oldest first. A turn is a message of the user with its answers. Turns are kept
 * whole, so the result begins with the user.
 */
export function newestTurns(history: readonly HistoryMessage[]): HistoryMessage[] {
  const starts = history.flatMap(({ role }, index) =>
    role === 'user' && history[index - 1]?.role !== 'user' ? [index] : [],
  );
  let from = history.length;
  let characters = 0;
  for (const start of starts.slice(-MOST_TURNS).reverse()) {
    for (const { content } of history.slice(start, from)) characters += content.length;
    if (characters > MOST_CHARACTERS) break;
    from = start;
  }
  return history.slice(from);
}
