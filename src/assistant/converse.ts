import { Channel } from '../lib/channel.js';
import { invalidRequest } from '../lib/errors.js';
import type { SpeechAudio, SpeechOptions } from '../engines/tts/text-to-speech.js';
import type { Transcript } from '../engines/stt/speech-to-text.js';
import { LONGEST_MESSAGE, type Reply, type ReplyEvent, type ReplyRequest } from './reply.js';
import type { ClauseSpeech, Speak } from './speak.js';
import type { Transcribe, TranscribeRequest } from './transcribe.js';

export type ConverseRequest = TranscribeRequest &
  Omit<ReplyRequest, 'message'> & {
    /** How the answer is spoken. */
    speech?: SpeechOptions;
  };

/** `warnings` are what that stage had to say so far; `done` has them all. */
export type ConverseEvent =
  | { type: 'transcript'; transcript: Transcript }
  | { type: 'delta'; text: string }
  /** A piece of clause `index`, in the order it should be heard. */
  | { type: 'audio'; index: number; text: string; audio: SpeechAudio; warnings: readonly string[] }
  | { type: 'clause-end'; index: number }
  /** The reply is written in full; its audio may still be coming. */
  | { type: 'reply'; reply: string; conversation: string; model: string; warnings: readonly string[] }
  | { type: 'done'; timings: ConverseTimings; warnings: string[] };

/** Milliseconds. `first_audio_ms` and `total_ms` count from the start of the call, the others are the stages' own. */
export interface ConverseTimings {
  decode_ms: number;
  transcribe_ms: number;
  first_token_ms?: number;
  reply_ms: number;
  first_audio_ms?: number;
  speak_ms: number;
  total_ms: number;
}

export type Converse = (request: ConverseRequest, signal: AbortSignal) => AsyncIterable<ConverseEvent>;

export interface ConverseParts {
  transcribe: Transcribe;
  reply: Reply;
  speak: Pick<Speak, 'check' | 'streamSpeak'>;
  /** Cuts text that grows into pieces that can be spoken. */
  createClauseCutter: () => { push: (text: string) => string[]; flush: () => string[] };
}

/** More pieces than a reply of the permitted length can have: the model is never held back by the voice. */
const MAX_CLAUSES = 4_096;
const EVENTS_AHEAD = 16;
const SHORTENED = `Only the first ${LONGEST_MESSAGE} characters of what was said were answered.`;

/**
 * One turn: hear, answer, speak. The first clause is spoken while the model still writes the rest. Aborting, leaving the
 * loop, and any failure stop every stage.
 */
export function createConverse(parts: ConverseParts): Converse {
  return async function* converse(request, signal) {
    const startedAt = performance.now();
    await parts.speak.check(request.speech ?? {});
    const heard = await parts.transcribe(request, signal);
    if (heard.transcript.text === '') {
      throw invalidRequest('No speech was heard in the recording.', { code: 'no_speech', param: 'file' });
    }
    const { transcript, message } = answerable(heard.transcript);
    yield { type: 'transcript', transcript };

    const turn = new Turn(parts, request, signal, startedAt);
    yield* turn.answer(message);
    const { timings, warnings } = turn.outcome();
    yield {
      type: 'done',
      timings: { ...heard.timings, ...timings },
      warnings: [...transcript.warnings, ...warnings],
    };
  };
}

/** As much of what was said as the chat model takes. */
function answerable(transcript: Transcript): { transcript: Transcript; message: string } {
  const message = transcript.text.slice(0, LONGEST_MESSAGE);
  if (message === transcript.text) return { transcript, message };
  return { transcript: { ...transcript, warnings: [...transcript.warnings, SHORTENED] }, message };
}

/** The answering half of a turn: the model writes into `clauses`, the voice reads from it, both report into `events`. */
class Turn {
  readonly #parts: ConverseParts;
  readonly #request: ConverseRequest;
  readonly #startedAt: number;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #clauses = new Channel<string>(MAX_CLAUSES);
  readonly #events = new Channel<ConverseEvent>(EVENTS_AHEAD);
  readonly #speech: ClauseSpeech;
  #reply: Extract<ReplyEvent, { type: 'done' }> | undefined;
  #firstAudioAt: number | undefined;

  constructor(parts: ConverseParts, request: ConverseRequest, signal: AbortSignal, startedAt: number) {
    this.#parts = parts;
    this.#request = request;
    this.#startedAt = startedAt;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#speech = parts.speak.streamSpeak(this.#clauses, request.speech ?? {}, this.#signal);
  }

  async *answer(message: string): AsyncGenerator<ConverseEvent, void, undefined> {
    const stages = Promise.all([this.#write(message), this.#say()]).then(
      () => this.#events.end(),
      (error: unknown) => {
        this.#stop.abort();
        this.#events.fail(error);
      },
    );
    try {
      yield* this.#events;
    } finally {
      this.#stop.abort();
      await stages;
    }
  }

  outcome(): { timings: Omit<ConverseTimings, 'decode_ms' | 'transcribe_ms'>; warnings: string[] } {
    const reply = this.#reply;
    if (!reply) throw new Error('The turn has not ended');
    const firstAudio = this.#firstAudioAt;
    return {
      timings: {
        ...reply.timings,
        ...(firstAudio !== undefined && { first_audio_ms: firstAudio - this.#startedAt }),
        speak_ms: this.#speech.timings.speak_ms,
        total_ms: performance.now() - this.#startedAt,
      },
      warnings: [...reply.warnings, ...this.#speech.warnings],
    };
  }

  async #write(message: string): Promise<void> {
    const cutter = this.#parts.createClauseCutter();
    const { conversation, history } = this.#request;
    const call = {
      message,
      ...(conversation !== undefined && { conversation }),
      ...(history && { history }),
    };
    for await (const event of this.#parts.reply(call, this.#signal)) {
      if (event.type === 'delta') {
        for (const clause of cutter.push(event.text)) await this.#clauses.push(clause);
        await this.#events.push(event);
      } else {
        this.#reply = event;
        const { reply, conversation, model, warnings } = event;
        await this.#events.push({ type: 'reply', reply, conversation, model, warnings });
      }
    }
    for (const clause of cutter.flush()) await this.#clauses.push(clause);
    this.#clauses.end();
  }

  async #say(): Promise<void> {
    for await (const part of this.#speech.parts) {
      if ('ended' in part) {
        await this.#events.push({ type: 'clause-end', index: part.index });
        continue;
      }
      this.#firstAudioAt ??= performance.now();
      await this.#events.push({ type: 'audio', ...part, warnings: this.#speech.warnings });
    }
  }
}
