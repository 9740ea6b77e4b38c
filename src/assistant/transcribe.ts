import { invalidRequest } from '../lib/errors.js';
import { searchForm } from '../egyptian/transcripts.js';
import type { SpeechToText, Transcript } from '../engines/stt/speech-to-text.js';

export interface TranscribeRequest {
  /** A private file with the recording, in whatever format it came. */
  path: string;
  language?: string;
  prompt?: string;
  timestamps?: 'none' | 'segment' | 'word';
  temperature?: number;
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

/** Recording in, text out. Rejects with AppError: 4xx for what is wrong with the recording, 429 or 503 for us. */
export function createTranscribe({
  decode,
  speechToText,
  defaults,
  review = asItIs,
}: TranscribeParts): Transcribe {
  return async (request, signal) => {
    const startedAt = performance.now();
    const audio = await decode(request.path, signal);
    const decodedAt = performance.now();
    if (isSilent(audio.samples)) {
      throw invalidRequest('The recording holds no sound at all. Was the microphone muted?', {
        code: 'silent_audio',
        param: 'file',
      });
    }
    const prompt = request.prompt ?? defaults.prompt;
    const heard = await speechToText.transcribe(
      audio.samples,
      {
        language: request.language ?? defaults.language,
        timestamps: request.timestamps ?? 'none',
        ...(prompt !== '' && { prompt }),
        ...(request.temperature !== undefined && { temperature: request.temperature }),
      },
      signal,
    );
    const transcript = review(heard);
    return {
      search: searchForm(transcript.text),
      transcript: {
        ...transcript,
        duration: audio.seconds,
        warnings: [...audio.warnings, ...transcript.warnings],
      },
      timings: { decode_ms: decodedAt - startedAt, transcribe_ms: performance.now() - decodedAt },
    };
  };
}

function asItIs(transcript: Transcript): Transcript {
  return transcript;
}

function isSilent(samples: Float32Array): boolean {
  return samples.every((sample) => Math.abs(sample) < SILENCE_PEAK);
}
