import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AppError, invalidRequest, overloaded, unavailable } from '../lib/errors.js';
import { Slots, type Full } from '../lib/slots.js';
import { decodeArguments } from './ffmpeg-arguments.js';
import { InputDescription, reasonOf, tellsOfDamage } from './ffmpeg-log.js';
import { startFfmpeg, type FfmpegEnd, type FfmpegProgram } from './ffmpeg.js';
import { sanitise } from './pcm.js';
import { ACCEPTED_AUDIO, id3Length, SNIFF_LENGTH, sniffContainer, type Container } from './sniff.js';
import { PCM_TAG, parseWavHeader, type WavLayout } from './wav-header.js';
import { decodePlainWav, isPlainWav } from './wav.js';

export interface AudioDecoderOptions {
  ffmpeg: FfmpegProgram;
  /** Longer recordings are refused with 413. */
  maxSeconds: number;
  /** ffmpeg processes at once. */
  maxConcurrent: number;
  /** Recordings that may wait for one of them; more get 429. */
  maxWaiting: number;
  /** Longest time of one ffmpeg process. */
  timeoutMs: number;
  /** What recordings are brought to, in Hz; 16,000 where it is not said. */
  sampleRate?: number;
}

export interface DecodedAudio {
  /** Mono in [-1, 1], at the decoder's sample rate. */
  samples: Float32Array;
  seconds: number;
  /** What the file is by its content. */
  container: Container;
  /** Sentences for the caller, when only a part could be decoded. */
  warnings: string[];
}

export interface AudioDecoder {
  /**
   * Decodes a private file of ours, whatever it was named or announced as. Throws AppError (param `file`): 400 `empty_audio`,
   * `unsupported_audio` or `invalid_audio`, 413 `audio_too_long`, 429 when too many wait, 503 where ffmpeg cannot run.
   * Aborting kills the process and rejects with the signal's reason. The file stays the caller's to delete.
   */
  decode(path: string, signal: AbortSignal): Promise<DecodedAudio>;
}

export const DECODED_SAMPLE_RATE = 16_000;

const HEAD_LENGTH = 64 * 1024;
const MAX_CHANNELS = 8;
/** Encoders pad: a recording stopped at exactly the limit comes out up to 0.1 s longer. */
const TOLERANCE_SECONDS = 0.5;
const BYTES_PER_SAMPLE = Float32Array.BYTES_PER_ELEMENT;
/** Copied between two turns of the event loop: about a millisecond. */
const COPY_LENGTH = 1024 * 1024;

export function createAudioDecoder(options: AudioDecoderOptions): AudioDecoder {
  const { sampleRate = DECODED_SAMPLE_RATE } = options;
  const slots = new Slots(options.maxConcurrent, options.maxWaiting, tooMany);
  return {
    async decode(path, signal) {
      signal.throwIfAborted();
      const file = await open(path, 'r');
      try {
        const { container, wav } = await inspect(file);
        if (wav) checkWav(wav, options.maxSeconds);
        const decoded =
          wav && isPlainWav(wav, sampleRate)
            ? await decodeWavFile(file, wav, sampleRate, signal)
            : await decodeByFfmpeg({ path, container, wav }, { ...options, sampleRate }, slots, signal);
        if (decoded.samples.length === 0) throw invalidAudio('it holds no sound, only a header');
        return { ...decoded, seconds: decoded.samples.length / sampleRate, container };
      } finally {
        await file.close();
      }
    },
  };
}

async function inspect(file: FileHandle): Promise<{ container: Container; wav: WavLayout | null }> {
  const { size } = await file.stat();
  if (size === 0) {
    throw invalidRequest('The recording is empty (0 bytes).', { code: 'empty_audio', param: 'file' });
  }
  const head = await readAt(file, 0, HEAD_LENGTH);
  const tag = id3Length(head);
  // Cover pictures can make the tag longer than the head.
  const start = tag > head.length - SNIFF_LENGTH ? await readAt(file, tag, SNIFF_LENGTH) : head.subarray(tag);
  const container = sniffContainer(start) ?? (tag > 0 ? 'mp3' : null);
  if (container === null) {
    throw invalidRequest(`The file is no audio that is known here. Accepted: ${ACCEPTED_AUDIO}.`, {
      code: 'unsupported_audio',
      param: 'file',
    });
  }
  return { container, wav: container === 'wav' ? parseWavHeader(head, size) : null };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function checkWav(wav: WavLayout, maxSeconds: number): void {
  checkChannels(wav.channels);
  // Only plain PCM has a byte rate that follows from its header.
  const seconds = wav.dataBytes / wav.blockAlign / wav.sampleRate;
  if (wav.formatTag === PCM_TAG && seconds > maxSeconds + TOLERANCE_SECONDS)
    throw tooLong(maxSeconds, seconds);
}

async function decodeWavFile(file: FileHandle, wav: WavLayout, sampleRate: number, signal: AbortSignal) {
  const samples = await decodePlainWav(file, wav, sampleRate, signal);
  return { samples, warnings: wav.truncated ? [damageWarning(samples.length / sampleRate)] : [] };
}

interface Recording {
  path: string;
  container: Container;
  wav: WavLayout | null;
}

async function decodeByFfmpeg(
  recording: Recording,
  options: AudioDecoderOptions & { sampleRate: number },
  slots: Slots,
  signal: AbortSignal,
): Promise<{ samples: Float32Array; warnings: string[] }> {
  const release = await slots.acquire(signal);
  try {
    const { maxSeconds, sampleRate } = options;
    const description = new InputDescription();
    const run = await startFfmpeg(options.ffmpeg, {
      ...decodeArguments(recording.container, maxSeconds + 1, sampleRate),
      input: `file:${recording.path}`,
      signal,
      timeoutMs: options.timeoutMs,
      onLogLine: (line) => {
        description.read(line);
        // Its header says enough: nothing more needs to be decoded.
        if (refusalOf(description, recording, maxSeconds)) run.kill();
      },
    });
    const limit = (maxSeconds + TOLERANCE_SECONDS) * sampleRate * BYTES_PER_SAMPLE;
    const { chunks, bytes } = await collect(run.output, limit);
    if (bytes === null) run.kill();
    const end = await run.ended;
    signal.throwIfAborted();
    const refusal = refusalOf(description, recording, maxSeconds);
    if (refusal) throw refusal;
    if (bytes === null) throw tooLong(maxSeconds);
    if (bytes === 0) throw nothingDecoded(end, options.timeoutMs);
    const samples = await toSamples(chunks, bytes, signal);
    return {
      samples,
      warnings: warningsOf(end, description, recording, samples.length / sampleRate),
    };
  } finally {
    release();
  }
}

/** Reads until the end; `bytes` is null when there is more than `limit`. */
async function collect(
  output: AsyncIterable<Buffer>,
  limit: number,
): Promise<{ chunks: Buffer[]; bytes: number | null }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output) {
    bytes += chunk.length;
    if (bytes > limit) return { chunks: [], bytes: null };
    chunks.push(chunk);
  }
  return { chunks, bytes };
}

async function toSamples(
  chunks: readonly Buffer[],
  length: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const samples = new Float32Array(Math.floor(length / Float32Array.BYTES_PER_ELEMENT));
  const bytes = new Uint8Array(samples.buffer);
  let filled = 0;
  let checked = 0;
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, bytes.length - filled), filled);
    filled += chunk.length;
    if (filled - checked < COPY_LENGTH) continue;
    sanitise(samples.subarray(checked / 4, filled >> 2));
    checked = filled & ~3;
    await nextTurn();
    signal.throwIfAborted();
  }
  sanitise(samples.subarray(checked / 4));
  return samples;
}

/** What the container's header alone is reason enough to refuse. A WAV's length was judged by the file's size, which cannot lie. */
function refusalOf(
  description: InputDescription,
  { container }: Recording,
  maxSeconds: number,
): AppError | null {
  const { seconds, channels } = description;
  if (channels !== null && channels > MAX_CHANNELS) return tooManyChannels(channels);
  if (container === 'wav' || seconds === null || seconds <= maxSeconds + TOLERANCE_SECONDS) return null;
  return tooLong(maxSeconds, seconds);
}

function warningsOf(
  end: FfmpegEnd,
  description: InputDescription,
  recording: Recording,
  seconds: number,
): string[] {
  // Android's recorder states a quarter more than it wrote, so only a larger gap counts.
  const short = recording.container !== 'wav' && seconds < (description.seconds ?? 0) * 0.7;
  const damaged = end.exitCode !== 0 || tellsOfDamage(end.problems) || short || recording.wav?.truncated;
  return damaged ? [damageWarning(seconds)] : [];
}

function damageWarning(seconds: number): string {
  return `The recording is damaged or cut off: ${seconds.toFixed(1)} s of it could be decoded.`;
}

function nothingDecoded(end: FfmpegEnd, timeoutMs: number): AppError {
  // Killed by the system, for memory most likely.
  if (end.failure || (end.exitCode === null && !end.timedOut)) return decoderUnavailable(end.failure);
  if (end.timedOut) return invalidAudio(`it could not be decoded within ${timeoutMs / 1000} s`);
  if (end.exitCode === 0 && end.problems.length === 0)
    return invalidAudio('it holds no sound, only a header');
  return invalidAudio(reasonOf(end.problems), end.problems);
}

function tooMany({ retryAfterMs, load }: Full): AppError {
  return overloaded('Too many recordings are being decoded at once; try again shortly.', retryAfterMs, {
    load,
  });
}

/** ffmpeg cannot be started, or the system has killed it: not the recording's fault. */
function decoderUnavailable(cause: unknown): AppError {
  return unavailable('This server cannot decode audio at the moment.', 5_000, {
    code: 'decoder_unavailable',
    cause,
  });
}

function invalidAudio(reason: string, problems: readonly string[] = []): AppError {
  const cause = problems.length > 0 ? { cause: new Error(problems.join('\n')) } : {};
  return invalidRequest(`The recording cannot be used: ${reason}.`, {
    code: 'invalid_audio',
    param: 'file',
    ...cause,
  });
}

function checkChannels(channels: number): void {
  if (channels > MAX_CHANNELS) throw tooManyChannels(channels);
}

function tooManyChannels(channels: number): AppError {
  return invalidAudio(`it has ${channels} channels, at most ${MAX_CHANNELS} are accepted`);
}

function tooLong(maxSeconds: number, seconds?: number): AppError {
  const length = seconds === undefined ? 'longer' : `${Math.round(seconds)} s long`;
  return invalidRequest(`The recording may be ${maxSeconds} s long at most; this one is ${length}.`, {
    status: 413,
    code: 'audio_too_long',
    param: 'file',
  });
}
