import type { Admission } from '../lib/admission.js';
import type { Transcribe, TranscribeStream } from './transcribe.js';

/** The same with a door: a call that would have to wait too long is refused with 429 before any work is done. */
export function admitTranscribe(transcribe: Transcribe, admission: Admission): Transcribe {
  return async (request, signal) => {
    const leave = admission.enter();
    let done = false;
    try {
      const result = await transcribe(request, signal);
      done = true;
      return result;
    } finally {
      leave(done);
    }
  };
}

export function admitTranscribeStream(transcribe: TranscribeStream, admission: Admission): TranscribeStream {
  return async function* admitted(request, signal) {
    const leave = admission.enter();
    let done = false;
    try {
      yield* transcribe(request, signal);
      done = true;
    } finally {
      leave(done);
    }
  };
}
