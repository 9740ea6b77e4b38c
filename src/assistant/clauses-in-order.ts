import { abortable } from '../lib/abort.js';
import type { SpeechAudio } from '../engines/tts/text-to-speech.js';
import type { SpeakableClause } from './speakable-text.js';

export type ClauseEvent =
  /** A piece of audio. `index` counts the clauses that have sound, from 0; `text` is the whole clause as written. */
  | { type: 'audio'; index: number; text: string; audio: SpeechAudio }
  /** All audio of the clause has been given. */
  | { type: 'clause-end'; index: number };

/** Begins to speak a clause. Resolves with its first audio, or when it has none. */
export type BeginClause = (text: string, signal: AbortSignal) => Promise<AsyncIterable<SpeechAudio>>;

/**
 * Speaks clauses in order, one ahead: while the current clause is read, the next one is begun and the one after it is
 * not yet requested. Aborting or leaving the loop stops both.
 */
export async function* speakInOrder(
  clauses: AsyncIterable<SpeakableClause>,
  begin: BeginClause,
  signal: AbortSignal,
): AsyncGenerator<ClauseEvent, void, undefined> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const source = clauses[Symbol.asyncIterator]();
  const next = async () => {
    either.throwIfAborted();
    const clause = await abortable(source.next(), either);
    if (clause.done) return undefined;
    return { text: clause.value.text, parts: await begin(clause.value.spoken, either) };
  };
  try {
    let index = 0;
    for (let coming = next(); ;) {
      const current = await coming;
      if (!current) return;
      coming = next();
      // The error is reported when this clause is due. If the reader has left before, nobody awaits the promise.
      coming.catch(() => undefined);
      let hasSound = false;
      for await (const audio of current.parts) {
        // Audio that was made before the abort is dropped.
        signal.throwIfAborted();
        hasSound = true;
        yield { type: 'audio', index, text: current.text, audio };
      }
      if (!hasSound) continue;
      yield { type: 'clause-end', index };
      index += 1;
    }
  } finally {
    stop.abort();
    // Not awaited, because a source that waits for text ends only through its own signal.
    source.return?.().catch(() => undefined);
  }
}
