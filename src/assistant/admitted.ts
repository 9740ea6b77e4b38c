import type { Admission } from '../lib/admission.js';
import { systemClock, type Clock } from '../lib/clock.js';
import type { ChatCompletions } from './chat-completion.js';
import type { Reply } from './reply.js';
import type { Speak } from './speak.js';
import type { Transcribe } from './transcribe.js';

/**
 * A reader that takes longer than this between two parts gives its place to another call; its own call continues.
 * Speech that waits to be read is limited, so the engine is free for other calls meanwhile.
 */
const SLOW_READER_MS = 2_000;

/**
 * The same use case behind admission control: a call whose expected wait is too long gets 429 before any work is done.
 * Captions and background work yield to interactive calls in the engine's queue, so they take no place here.
 */
export function admitTranscribe(
  transcribe: Transcribe,
  admission: Admission,
  clock: Clock = systemClock,
): Transcribe {
  return (request, signal) => {
    const { priority = 'interactive' } = request;
    if (priority !== 'interactive') return transcribe(request, signal);
    return admitted(() => transcribe(request, signal), admission, signal, clock);
  };
}

/** For speech requests. The speech of a conversation was admitted together with its recording. */
export function admitSpeak(speak: Speak, admission: Admission, clock: Clock = systemClock): Speak {
  return {
    ...speak,
    speak: (request, signal) => admitted(() => speak.speak(request, signal), admission, signal, clock),
  };
}

export function admitReply(reply: Reply, admission: Admission, clock: Clock = systemClock): Reply {
  return (request, signal) => admitted(() => reply(request, signal), admission, signal, clock);
}

export function admitCompletions(
  completions: ChatCompletions,
  admission: Admission,
  clock: Clock = systemClock,
): ChatCompletions {
  return {
    ...completions,
    complete: (...call) => inside(admission, () => completions.complete(...call)),
    stream: (body, persona, signal) =>
      admitted(() => completions.stream(body, persona, signal), admission, signal, clock),
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

/** Takes a place when it is first read and frees it at the end, on abort, or when the reader is slow. */
async function* admitted<T>(
  begin: () => AsyncIterable<T>,
  admission: Admission,
  signal: AbortSignal,
  clock: Clock,
): AsyncGenerator<T, void, undefined> {
  const leave = admission.enter();
  // A reader that aborts may stop reading.
  const onAbort = (): void => leave(false);
  signal.addEventListener('abort', onAbort, { once: true });
  let done = false;
  try {
    for await (const part of begin()) {
      const slow = clock.after(SLOW_READER_MS, () => leave(false));
      yield part;
      slow.cancel();
    }
    done = true;
  } finally {
    signal.removeEventListener('abort', onAbort);
    leave(done);
  }
}
