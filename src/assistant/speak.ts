import { systemClock, type Clock } from '../lib/clock.js';
import { invalidRequest } from '../lib/errors.js';
import { nothingToSay } from '../engines/tts/speech-errors.js';
import type { SpeechAudio, SpeechOptions, TextToSpeech } from '../engines/tts/text-to-speech.js';
import { speakInOrder, type ClauseEnd, type SpokenPart } from './clauses-in-order.js';
import { checkText, speakable } from './speakable-text.js';
import { SpeechRun, type SpeakTimings } from './speech-run.js';
import { resolveVoice, type IsClonedVoice } from './voices.js';

export interface SpeakParts {
  /** The wanted one first; the next speaks where one cannot. */
  engines: readonly TextToSpeech[];
  splitClauses: (text: string) => Iterable<string>;
  /** Writes numbers, symbols and foreign words as they are read aloud. The clauses that callers see stay as written. */
  normalise?: (text: string) => string;
  /** The voice of callers who ask for none; an engine that lacks it speaks with its own default. */
  defaultVoice?: string;
  /** Cloned voices are known even where no engine can speak with them: another voice speaks then, and the caller is told. */
  isClonedVoice?: IsClonedVoice;
  /** Told of every engine that failed and was replaced, for the log. */
  onEngineFailure?: (engine: string, error: unknown) => void;
  clock?: Clock;
}

export interface SpeakRequest extends SpeechOptions {
  text: string;
  /** The id of the engine to speak before others; one that is not there changes nothing. */
  engine?: string;
}

/** What is known of a speech while it is made: `warnings` and `timings` go on until the last audio is read. */
interface SpeechReport {
  readonly warnings: string[];
  readonly timings: SpeakTimings;
}

/** A speech whose first audio is there: its engine and what there is to warn of are known. */
export interface Speech extends SpeechReport {
  readonly engine: string;
  /** Hz, of all of `audio`. */
  readonly sampleRate: number;
  /** To be read once. Leaving the loop stops the engine. */
  readonly audio: AsyncIterable<SpeechAudio>;
}

/** Speech of clauses that are still on their way. */
export interface ClauseSpeech extends SpeechReport {
  /** Null before the first audio. */
  readonly engine: string | null;
  /** To be read once, all of one sample rate. Starts when it is read; leaving the loop stops the engine. */
  readonly parts: AsyncIterable<SpokenPart | ClauseEnd>;
}

/**
 * Speaks clauses as they come, in order, one ahead. Clauses without letters are passed over. Throws 400 as `check` does;
 * a voice that is not there shows when `parts` is read.
 */
export type StreamSpeak = (
  clauses: AsyncIterable<string>,
  options: SpeechOptions,
  signal: AbortSignal,
) => ClauseSpeech;

export interface Speak {
  /** Rejects with AppError: 400 for a setting that cannot be, 404 for a voice that is not there; for checking before longer work begins. */
  check: (options: SpeechOptions) => Promise<void>;
  /**
   * Resolves with the first audio there. Rejects with AppError: 400 and 404 for the request, 429 when too many wait, 503
   * when no engine can speak. After that `audio` ends by throwing. Aborting stops everything.
   */
  speak: (request: SpeakRequest, signal: AbortSignal) => Promise<Speech>;
  streamSpeak: StreamSpeak;
}

const SLOWEST = 0.25;
const FASTEST = 4;

export function createSpeak(parts: SpeakParts): Speak {
  return {
    check: async (options) => {
      checkSettings(parts, options);
      if (options.voice !== undefined) {
        await resolveVoice(options.voice, parts.engines, parts.isClonedVoice);
      }
    },
    speak: async ({ text, engine, ...options }, signal) => {
      checkText(text);
      const engines = inOrder(parts.engines, engine);
      const { run, spoken } = begin({ ...parts, engines }, parts.splitClauses(text), options, signal);
      const first = await spoken.next();
      if (first.done || 'ended' in first.value || run.engine === null) throw nothingToSay();
      const { sampleRate } = first.value.audio;
      return reportOf(run, { engine: run.engine, sampleRate, audio: audioOf(first.value, spoken) });
    },
    streamSpeak: (clauses, options, signal) => {
      const { run, spoken } = begin(parts, clauses, options, signal);
      return reportOf(run, {
        get engine() {
          return run.engine;
        },
        parts: spoken,
      });
    },
  };
}

function begin(
  parts: SpeakParts,
  clauses: AsyncIterable<string> | Iterable<string>,
  options: SpeechOptions,
  signal: AbortSignal,
): { run: SpeechRun; spoken: AsyncGenerator<SpokenPart | ClauseEnd, void, undefined> } {
  const { engines, normalise = String, clock = systemClock, onEngineFailure = () => undefined } = parts;
  checkSettings(parts, options);
  const run = new SpeechRun({ ...parts, clock, onEngineFailure }, options, parts.defaultVoice);
  const maxCharacters = Math.min(...engines.map((engine) => engine.capabilities.maxCharacters));
  return {
    run,
    spoken: speakInOrder(
      speakable(clauses, maxCharacters, normalise),
      (text, all) => run.begin(text, all),
      signal,
    ),
  };
}

function inOrder(engines: readonly TextToSpeech[], wanted: string | undefined): readonly TextToSpeech[] {
  const first = engines.filter(({ id }) => id === wanted);
  return [...first, ...engines.filter(({ id }) => id !== wanted)];
}

function checkSettings({ engines }: SpeakParts, options: SpeechOptions): void {
  const { speed = 1 } = options;
  if (!(speed >= SLOWEST && speed <= FASTEST)) {
    throw invalidRequest(`speed must be between ${SLOWEST} and ${FASTEST}.`, {
      code: 'invalid_value',
      param: 'speed',
    });
  }
  for (const engine of engines) engine.checkSettings?.(options);
}

/** Adds what changes while the speech is made, read anew each time. */
function reportOf<T extends object>(run: SpeechRun, speech: T): T & SpeechReport {
  return Object.defineProperties(speech, {
    warnings: { enumerable: true, get: () => run.warnings },
    timings: { enumerable: true, get: () => run.timings },
  }) as T & SpeechReport;
}

async function* audioOf(
  first: SpokenPart,
  rest: AsyncGenerator<SpokenPart | ClauseEnd, void, undefined>,
): AsyncGenerator<SpeechAudio, void, undefined> {
  try {
    yield first.audio;
    for await (const part of rest) if (!('ended' in part)) yield part.audio;
  } finally {
    await rest.return();
  }
}
