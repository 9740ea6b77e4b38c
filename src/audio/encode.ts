import { Readable } from 'node:stream';
import { type AppError, invalidRequest, overloaded, unavailable } from '../lib/errors.js';
import { Slots, type Full } from '../lib/slots.js';
import { ENCODERS, encodeArguments, type EncodedFormat } from './ffmpeg-arguments.js';
import { listEncoders, startFfmpeg, type FfmpegEnd, type FfmpegProgram, type FfmpegRun } from './ffmpeg.js';
import type { OutputFormat } from './output-format.js';
import { toS16leStream, type AudioChunk } from './pcm-stream.js';
import { wavHeader } from './wav-header.js';

export interface AudioEncoderOptions {
  ffmpeg: FfmpegProgram;
  /** ffmpeg processes at once: one per reply in mp3, opus, aac or flac; more get 429. */
  maxConcurrent: number;
  /** An encoder that makes no progress for this long, although it has input and a reader, is killed. */
  stallMs: number;
}

export interface EncodeOptions {
  format: OutputFormat;
  /** Aborting kills the encoder and rejects with the signal's reason. */
  signal: AbortSignal;
  /** Sample rate of the output in Hz, 24000 by default. libopus supports 8, 12, 16, 24 and 48 kHz. */
  sampleRate?: number;
}

export interface AudioEncoder {
  /** Throws AppError 400 (param `format`) for a format that the installed ffmpeg cannot encode, 503 when ffmpeg cannot run. */
  checkFormat(format: OutputFormat): Promise<void>;
  /**
   * Encodes while chunks arrive. Nothing is yielded before the first chunk, so an early failure comes before the first
   * byte. A slow reader slows the source (back-pressure); leaving the loop ends source and encoder. A WAV is written as
   * a stream: its length fields are all ones. Errors of the source pass through.
   */
  encode(chunks: AsyncIterable<AudioChunk>, options: EncodeOptions): AsyncIterable<Uint8Array>;
}

export const DEFAULT_OUTPUT_RATE = 24_000;

export function createAudioEncoder(options: AudioEncoderOptions): AudioEncoder {
  const slots = new Slots(options.maxConcurrent, 0, tooMany);
  const checkFormat = createFormatCheck(options.ffmpeg);
  return {
    checkFormat,
    async *encode(chunks, { format, signal, sampleRate = DEFAULT_OUTPUT_RATE }) {
      const pcm = toS16leStream(chunks, sampleRate, signal);
      if (format === 'pcm') return yield* pcm;
      if (format === 'wav') return yield* withWavHeader(pcm, sampleRate);
      await checkFormat(format);
      // Start the process only when there is something to encode: the first audio may take long, or never come.
      const first = await pcm.next();
      try {
        const release = await slots.acquire(signal);
        try {
          yield* encodeByFfmpeg(resume(first, pcm), format, sampleRate, options, signal);
        } finally {
          release();
        }
      } finally {
        // Not awaited: a source that is waiting for audio ends only when the audio arrives or the signal aborts.
        void pcm.return();
      }
    },
  };
}

function createFormatCheck(ffmpeg: FfmpegProgram): (format: OutputFormat) => Promise<void> {
  let encoders: Promise<Set<string>> | undefined;
  return async (format) => {
    if (format === 'pcm' || format === 'wav') return;
    encoders ??= listEncoders(ffmpeg);
    const known = await encoders.catch((error: unknown) => {
      encoders = undefined;
      throw encoderUnavailable(error);
    });
    if (known.has(ENCODERS[format].encoder)) return;
    throw invalidRequest(`This server's ffmpeg cannot make ${format}; ask for wav or pcm instead.`, {
      code: 'unsupported_format',
      param: 'format',
    });
  };
}

async function* withWavHeader(pcm: AsyncIterable<Uint8Array>, sampleRate: number) {
  let started = false;
  for await (const bytes of pcm) {
    if (!started) yield wavHeader(sampleRate);
    started = true;
    yield bytes;
  }
  if (!started) yield wavHeader(sampleRate, 0);
}

async function* encodeByFfmpeg(
  pcm: AsyncIterable<Uint8Array>,
  format: EncodedFormat,
  sampleRate: number,
  options: AudioEncoderOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feed = new Feed(pcm);
  const run = await startFfmpeg(options.ffmpeg, {
    ...encodeArguments(format, sampleRate),
    input: feed.stream,
    signal,
  });
  // Otherwise ffmpeg would wait for input for ever when the source fails before the first read.
  void feed.failed.then(() => run.kill());
  const watch = new StallWatch(run, feed, options.stallMs);
  try {
    for await (const bytes of run.output) {
      if (feed.error) break;
      watch.outputWanted(false);
      yield bytes;
      watch.outputWanted(true);
    }
    if (feed.error) throw feed.error;
    checkEnd(await run.ended, signal, format);
  } finally {
    watch.stop();
    run.kill();
    feed.stream.destroy();
    await run.ended;
  }
}

/** The whole stream again, after its first result was read. */
async function* resume(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

function checkEnd(end: FfmpegEnd, signal: AbortSignal, format: EncodedFormat): void {
  signal.throwIfAborted();
  if (end.exitCode === 0) return;
  if (end.failure) throw encoderUnavailable(end.failure);
  // It was killed from outside, most likely by the system because memory was short.
  if (end.exitCode === null)
    throw encoderUnavailable(new Error(`ffmpeg was killed while it encoded ${format}`));
  const reason = end.problems.join('\n') || `it ended with ${end.exitCode ?? 'a signal'}`;
  throw new Error(`ffmpeg could not encode ${format}: ${reason}`);
}

function tooMany({ retryAfterMs, load }: Full): AppError {
  return overloaded(
    'Too many replies are being encoded at once; try again shortly, or ask for wav or pcm.',
    retryAfterMs,
    { load },
  );
}

function encoderUnavailable(cause: unknown) {
  const message = 'This server cannot encode audio at the moment; ask for wav or pcm.';
  return unavailable(message, 30_000, { code: 'encoder_unavailable', cause });
}

/** The input of the encoder, with its progress. */
class Feed {
  readonly stream: Readable;
  /** Settles when the source throws. */
  readonly failed: Promise<void>;
  error: Error | undefined;
  /** True while bytes of the source, or its end, wait for the encoder. */
  ready = false;
  lastChange = performance.now();
  #fail: () => void = () => undefined;

  constructor(pcm: AsyncIterable<Uint8Array>) {
    this.failed = new Promise((resolve) => (this.#fail = resolve));
    this.stream = Readable.from(this.#watch(pcm), { objectMode: false });
  }

  async *#watch(pcm: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const bytes of pcm) {
        this.#setReady(true);
        yield bytes;
        this.#setReady(false);
      }
    } catch (error) {
      this.error = error as Error;
      this.#fail();
      throw error;
    } finally {
      this.#setReady(true);
    }
  }

  #setReady(ready: boolean): void {
    this.ready = ready;
    this.lastChange = performance.now();
  }
}

/** Kills an encoder that makes no progress although it has input and a reader waits. */
class StallWatch {
  readonly #timer: NodeJS.Timeout;
  #wanted = true;
  #lastChange = performance.now();

  constructor(run: FfmpegRun, feed: Feed, stallMs: number) {
    this.#timer = setInterval(() => {
      const still = performance.now() - Math.max(this.#lastChange, feed.lastChange);
      if (this.#wanted && feed.ready && still >= stallMs) run.kill();
    }, stallMs / 4);
  }

  outputWanted(wanted: boolean): void {
    this.#wanted = wanted;
    this.#lastChange = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
