import { invalidRequest } from '../lib/errors.js';
import { searchForm } from '../egyptian/transcripts.js';
import type {
  SpeechToText,
  TranscribeOptions,
  Transcript,
  TranscriptSegment,
} from '../engines/stt/speech-to-text.js';
import { withRoundedTimes } from './rounded-times.js';

export interface TranscribeRequest {
  /** A private file with the recording, in whatever format it came. */
  path: string;
  language?: string;
  prompt?: string;
  timestamps?: 'none' | 'segment' | 'word';
  temperature?: number;
  /** Words that are likely to be said; they bias as the prompt does. */
  keywords?: readonly string[];
  /** Also give the probability of each token of the segments. */
  logprobs?: boolean;
  /** Told how long the recording is as soon as it is decoded. */
  onAudio?: (seconds: number) => void;
  /** A recording without any sound is an empty text rather than a mistake. */
  allowSilence?: boolean;
}

export interface TranscribeResult {
  transcript: Transcript;
  /** The text with its letters unified, to search and compare by. */
  search: string;
  timings: { decode_ms: number; transcribe_ms: number };
}

export interface TranscribeParts {
  decode: (
    path: string,
    signal: AbortSignal,
  ) => Promise<{ samples: Float32Array; seconds: number; warnings: string[] }>;
  speechToText: SpeechToText;
  defaults: { language: string; prompt: string };
  /** Looks at what was heard before anyone gets it: drops what nobody said. */
  review?: (transcript: Transcript) => Transcript;
}

/** Below -80 dBFS throughout: not a quiet room but no microphone. */
const SILENCE_PEAK = 1e-4;

export type Transcribe = (request: TranscribeRequest, signal: AbortSignal) => Promise<TranscribeResult>;

export type TranscribeEvent =
  /** The next piece of the text; all joined are the whole of it. */
  | { type: 'delta'; text: string; segments: TranscriptSegment[] }
  /** Always the last event. */
  | { type: 'done'; result: TranscribeResult };

/** The same while it is heard, part by part. Nothing happens before the first event is asked for. */
export type TranscribeStream = (
  request: TranscribeRequest,
  signal: AbortSignal,
) => AsyncIterable<TranscribeEvent>;

/** Recording in, text out. Rejects with AppError: 4xx for what is wrong with the recording, 429 or 503 for us. */
export function createTranscribe(parts: TranscribeParts): Transcribe {
  const { speechToText, review = asItIs } = parts;
  return async (request, signal) => {
    const job = await prepare(parts, request, signal);
    const heard = await speechToText.transcribe(job.samples, job.options, signal);
    return resultOf(job, review(heard));
  };
}

/** As `createTranscribe`, for callers who want the text of a long recording as it grows. */
export function createTranscribeStream(parts: TranscribeParts): TranscribeStream {
  const { speechToText, review = asItIs } = parts;
  return async function* transcribe(request, signal) {
    const job = await prepare(parts, request, signal);
    let text = '';
    for await (const event of speechToText.stream(job.samples, job.options, signal)) {
      if (event.type === 'done') {
        yield { type: 'done', result: resultOf(job, { ...review(event.transcript), text }) };
        continue;
      }
      const { segments } = review(unreviewed(event.segments, job.options.language));
      const joined = segments.map((segment) => segment.text).join(' ');
      if (joined === '') continue;
      const delta = text === '' ? joined : ` ${joined}`;
      text += delta;
      yield { type: 'delta', text: delta, segments };
    }
  };
}

interface Job {
  samples: Float32Array;
  seconds: number;
  warnings: string[];
  options: TranscribeOptions;
  startedAt: number;
  decodedAt: number;
}

async function prepare(
  { decode, defaults }: TranscribeParts,
  request: TranscribeRequest,
  signal: AbortSignal,
): Promise<Job> {
  const startedAt = performance.now();
  const audio = await decode(request.path, signal);
  const decodedAt = performance.now();
  request.onAudio?.(audio.seconds);
  if (!request.allowSilence && isSilent(audio.samples)) {
    throw invalidRequest('The recording holds no sound at all. Was the microphone muted?', {
      code: 'silent_audio',
      param: 'file',
    });
  }
  const prompt = [request.prompt ?? defaults.prompt, (request.keywords ?? []).join('، ')]
    .filter((text) => text !== '')
    .join(' ');
  return {
    ...audio,
    startedAt,
    decodedAt,
    options: {
      language: request.language ?? defaults.language,
      timestamps: request.timestamps ?? 'none',
      ...(prompt !== '' && { prompt }),
      ...(request.temperature !== undefined && { temperature: request.temperature }),
      ...(request.logprobs && { logprobs: true }),
    },
  };
}

function resultOf(job: Job, transcript: Transcript): TranscribeResult {
  return {
    search: searchForm(transcript.text),
    transcript: withRoundedTimes({
      ...transcript,
      duration: job.seconds,
      warnings: [...job.warnings, ...transcript.warnings],
    }),
    timings: { decode_ms: job.decodedAt - job.startedAt, transcribe_ms: performance.now() - job.decodedAt },
  };
}

function unreviewed(segments: TranscriptSegment[], language: string): Transcript {
  return { text: '', language, duration: 0, segments, dropped: [], warnings: [] };
}

function asItIs(transcript: Transcript): Transcript {
  return transcript;
}

function isSilent(samples: Float32Array): boolean {
  return samples.every((sample) => Math.abs(sample) < SILENCE_PEAK);
}
