/** One side's words in a conversation. */
export interface HistoryMessage {
  role: 'user' | 'assistant';
  content: string;
}

/** What a small chat model still follows, and what a phone call has of use: about three minutes of talk. */
const MOST_TURNS = 12;
const MOST_CHARACTERS = 8_000;

/**
 * The newest turns within the limits, oldest first. A turn is what the user said with the answers to it, and is kept
 * whole or not at all, so the result begins with the user.
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
