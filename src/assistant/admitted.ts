import type { Admission } from '../lib/admission.js';
import { systemClock, type Clock } from '../lib/clock.js';
import type { ChatCompletions } from './chat-completion.js';
import type { Reply } from './reply.js';
import type { Speak, Speech } from './speak.js';
import type { Transcribe, TranscribeStream } from './transcribe.js';

/** A reader who lets this pass between two pieces gives its place to others; its own speech goes on at its pace. */
const SLOW_READER_MS = 2_000;

/** The same with a door: a call that would have to wait too long is refused with 429 before any work is done. */
export function admitTranscribe(transcribe: Transcribe, admission: Admission): Transcribe {
  return (request, signal) => inside(admission, () => transcribe(request, signal));
}

export function admitTranscribeStream(
  transcribe: TranscribeStream,
  admission: Admission,
  clock: Clock = systemClock,
): TranscribeStream {
  return (request, signal) => admitted(() => transcribe(request, signal), admission, clock);
}

/** Speech on its own: what is spoken within a conversation has passed the door of what hears. */
export function admitSpeak(speak: Speak, admission: Admission, clock: Clock = systemClock): Speak {
  return {
    ...speak,
    speak: async (request, signal) => {
      const leave = admission.enter();
      // Also a speech that nobody begins to read.
      signal.addEventListener('abort', () => leave(false), { once: true });
      try {
        const speech = await speak.speak(request, signal);
        const audio = held(speech.audio, leave, clock);
        // Its warnings and timings go on until the last audio, so they are read from the speech itself.
        return Object.create(speech, { audio: { value: audio, enumerable: true } }) as Speech;
      } catch (error) {
        leave(false);
        throw error;
      }
    },
  };
}

export function admitReply(reply: Reply, admission: Admission, clock: Clock = systemClock): Reply {
  return (request, signal) => admitted(() => reply(request, signal), admission, clock);
}

export function admitCompletions(
  completions: ChatCompletions,
  admission: Admission,
  clock: Clock = systemClock,
): ChatCompletions {
  return {
    ...completions,
    complete: (...call) => inside(admission, () => completions.complete(...call)),
    stream: (...call) => admitted(() => completions.stream(...call), admission, clock),
  };
}

async function inside<T>(admission: Admission, work: () => Promise<T>): Promise<T> {
  const leave = admission.enter();
  let done = false;
  try {
    const result = await work();
    done = true;
    return result;
  } finally {
    leave(done);
  }
}

/** Enters when it is first read. */
async function* admitted<T>(
  begin: () => AsyncIterable<T>,
  admission: Admission,
  clock: Clock,
): AsyncGenerator<T, void, undefined> {
  yield* held(begin(), admission.enter(), clock);
}

async function* held<T>(
  parts: AsyncIterable<T>,
  leave: (done: boolean) => void,
  clock: Clock,
): AsyncGenerator<T, void, undefined> {
  let done = false;
  try {
    for await (const part of parts) {
      const slow = clock.after(SLOW_READER_MS, () => leave(false));
      yield part;
      slow.cancel();
    }
    done = true;
  } finally {
    leave(done);
  }
}
