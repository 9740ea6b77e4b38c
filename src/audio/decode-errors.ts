import { type AppError, invalidRequest, overloaded, unavailable } from '../lib/errors.js';
import type { Full } from '../lib/slots.js';
import type { FfmpegEnd } from './ffmpeg.js';
import { reasonOf } from './ffmpeg-log.js';
import { ACCEPTED_AUDIO } from './sniff.js';

/** The errors of the decoder. All name the field `file`. */

export function emptyFile(): AppError {
  return invalidRequest('The recording is empty (0 bytes).', { code: 'empty_audio', param: 'file' });
}

export function unsupportedAudio(): AppError {
  return invalidRequest(`The file is not in a known audio format. Accepted: ${ACCEPTED_AUDIO}.`, {
    code: 'unsupported_audio',
    param: 'file',
  });
}

/** `reason` completes the sentence "The recording cannot be used: ..."; `problems` are for the log only. */
export function invalidAudio(reason: string, problems: readonly string[] = []): AppError {
  const cause = problems.length > 0 ? { cause: new Error(problems.join('\n')) } : {};
  return invalidRequest(`The recording cannot be used: ${reason}.`, {
    code: 'invalid_audio',
    param: 'file',
    ...cause,
  });
}

export function noSound(): AppError {
  return invalidAudio('it holds no sound, only a header');
}

export function tooManyChannels(channels: number, limit: number): AppError {
  return invalidAudio(`it has ${channels} channels, at most ${limit} are accepted`);
}

/** `seconds` is the length, if it was measured. */
export function tooLong(maxSeconds: number, seconds?: number): AppError {
  const length = seconds === undefined ? 'longer' : `${Math.round(seconds)} s long`;
  return invalidRequest(`The recording may be ${maxSeconds} s long at most; this one is ${length}.`, {
    status: 413,
    code: 'audio_too_long',
    param: 'file',
  });
}

export function tooManyAtOnce({ retryAfterMs, load }: Full): AppError {
  return overloaded('Too many recordings are being decoded at once; try again shortly.', retryAfterMs, {
    load,
  });
}

/** Explains why a run of ffmpeg gave no sample. */
export function nothingDecoded(end: FfmpegEnd, timeoutMs: number): AppError {
  // The system killed it, most likely because memory was short.
  if (end.failure || (end.exitCode === null && !end.timedOut)) return decoderUnavailable(end.failure);
  if (end.timedOut) return invalidAudio(`it could not be decoded within ${timeoutMs / 1000} s`);
  if (end.exitCode === 0 && end.problems.length === 0) return noSound();
  return invalidAudio(reasonOf(end.problems), end.problems);
}

/** ffmpeg cannot be started, or the system killed it. The recording is not the cause. */
function decoderUnavailable(cause: unknown): AppError {
  return unavailable('This server cannot decode audio at the moment.', 5_000, {
    code: 'decoder_unavailable',
    cause,
  });
}
