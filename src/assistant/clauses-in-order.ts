import { abortable } from '../lib/abort.js';
import type { SpeechAudio } from '../engines/tts/text-to-speech.js';
import type { SpeakableClause } from './speakable-text.js';

/** A piece of audio and the clause it belongs to. */
export interface SpokenPart {
  /** Counts the clauses that have sound, from 0. */
  index: number;
  /** The clause; the same for all its parts. */
  text: string;
  audio: SpeechAudio;
}

/** All audio of a clause has come. Streams do not know their last part while they make it. */
export interface ClauseEnd {
  index: number;
  ended: true;
}

/** Begins to speak a clause; resolves when its first audio is there (or when it turns out to have none). */
export type BeginClause = (text: string, signal: AbortSignal) => Promise<AsyncIterable<SpeechAudio>>;

/**
 * Speaks clauses in order, one ahead: the next is begun while the current one is read, the one after it is not even
 * asked for. Aborting, and leaving the loop, stops both.
 */
export async function* speakInOrder(
  clauses: AsyncIterable<SpeakableClause>,
  begin: BeginClause,
  signal: AbortSignal,
): AsyncGenerator<SpokenPart | ClauseEnd, void, undefined> {
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const source = clauses[Symbol.asyncIterator]();
  const next = async () => {
    all.throwIfAborted();
    const clause = await abortable(source.next(), all);
    if (clause.done) return undefined;
    return { text: clause.value.text, parts: await begin(clause.value.spoken, all) };
  };
  try {
    let index = 0;
    for (let coming = next(); ;) {
      const current = await coming;
      if (!current) return;
      coming = next();
      // Its failure is reported when its turn comes, and to nobody when the listener has left before.
      coming.catch(() => undefined);
      let sounded = false;
      for await (const audio of current.parts) {
        // What was made before the caller left is not wanted any more.
        signal.throwIfAborted();
        sounded = true;
        yield { index, text: current.text, audio };
      }
      if (!sounded) continue;
      yield { index, ended: true };
      index += 1;
    }
  } finally {
    stop.abort();
    // Not awaited: a source that waits for text ends only when its own signal tells it to.
    source.return?.().catch(() => undefined);
  }
}
