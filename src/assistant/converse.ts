import { invalidRequest } from '../lib/errors.js';
import type { Transcript } from '../engines/stt/speech-to-text.js';
import type { Answer, AnswerPart, AnswerRequest, AnswerTimings } from './answer.js';
import type { Speak } from './speak.js';
import type { Transcribe, TranscribeEvent, TranscribeRequest, TranscribeResult } from './transcribe.js';

/** Plain data: it can be cloned into another process or a queue. */
export type ConverseRequest = TranscribeRequest & Omit<AnswerRequest, 'text'>;

export type ConverseEvent =
  /** The recording is decoded; `seconds` is its length. */
  | { type: 'decoded'; seconds: number }
  | { type: 'transcript'; transcript: Transcript }
  | AnswerPart
  /** Always the last event, with the warnings of all stages. */
  | { type: 'done'; timings: ConverseTimings; warnings: readonly string[] };

/** Milliseconds. `first_audio_ms` and `total_ms` count from the start of the call, the others are the stages' own. */
export interface ConverseTimings extends AnswerTimings {
  decode_ms: number;
  transcribe_ms: number;
}

/**
 * One turn of a conversation: transcribes a recording and answers it aloud. Nothing happens before the first event is
 * read. Throws AppError: 4xx for the recording or a setting, 429 or 503 when a stage cannot work now. Aborting or leaving
 * the loop stops every stage.
 */
export type Converse = (request: ConverseRequest, signal: AbortSignal) => AsyncIterable<ConverseEvent>;

export interface ConverseParts {
  transcribe: Transcribe;
  answer: Answer;
  speak: Pick<Speak, 'check'>;
}

export function createConverse({ transcribe, answer, speak }: ConverseParts): Converse {
  return async function* converse({ conversation, history, instructions, speech, ...recording }, signal) {
    const startedAt = performance.now();
    await speak.check(speech ?? {});
    const { transcript, timings } = yield* transcribed(transcribe(recording, signal));
    if (transcript.text === '') {
      throw invalidRequest('No speech was heard in the recording.', { code: 'no_speech', param: 'file' });
    }
    yield { type: 'transcript', transcript };
    const waitedMs = performance.now() - startedAt;
    const request = {
      text: transcript.text,
      ...(conversation !== undefined && { conversation }),
      ...(history && { history }),
      ...(instructions !== undefined && { instructions }),
      ...(speech && { speech }),
    };
    for await (const event of answer(request, signal)) {
      if (event.type !== 'done') {
        yield event;
        continue;
      }
      const warnings = [...transcript.warnings, ...event.warnings];
      yield { type: 'done', timings: { ...timings, ...later(event.timings, waitedMs) }, warnings };
    }
  };
}

/** Passes on the length of the recording, and returns the result. */
async function* transcribed(
  events: AsyncIterable<TranscribeEvent>,
): AsyncGenerator<ConverseEvent, TranscribeResult, undefined> {
  let result: TranscribeResult | undefined;
  for await (const event of events) {
    if (event.type === 'decoded') yield event;
    if (event.type === 'done') result = event.result;
  }
  if (!result) throw new Error('The transcription ended without a result');
  return result;
}

/** The times of an answer, counted from the start of the call. */
function later(timings: AnswerTimings, waitedMs: number): AnswerTimings {
  const { first_audio_ms: firstAudioMs, total_ms: totalMs } = timings;
  return {
    ...timings,
    ...(firstAudioMs !== undefined && { first_audio_ms: firstAudioMs + waitedMs }),
    total_ms: totalMs + waitedMs,
  };
}
