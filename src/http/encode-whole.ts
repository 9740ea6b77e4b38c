import { DEFAULT_OUTPUT_RATE, type AudioEncoder } from '../audio/encode.js';
import type { OutputFormat } from '../audio/output-format.js';
import { wavHeader } from '../audio/wav-header.js';
import type { SpeechAudio } from '../engines/tts/text-to-speech.js';

/** A complete file in base64; empty when there is no audio. A WAV states its true length, which a streamed one cannot. */
export async function encodeWhole(
  encoder: AudioEncoder,
  audio: readonly SpeechAudio[],
  format: OutputFormat,
  signal: AbortSignal,
): Promise<string> {
  if (audio.length === 0) return '';
  const chunks: Uint8Array[] = [];
  for await (const bytes of encoder.encode(each(audio), {
    format: format === 'wav' ? 'pcm' : format,
    signal,
  }))
    chunks.push(bytes);
  const body = Buffer.concat(chunks);
  const file = format === 'wav' ? Buffer.concat([wavHeader(DEFAULT_OUTPUT_RATE, body.length), body]) : body;
  return file.toString('base64');
}

// eslint-disable-next-line @typescript-eslint/require-await -- the encoder reads streams; these parts are all there
async function* each(audio: readonly SpeechAudio[]): AsyncGenerator<SpeechAudio, void, undefined> {
  yield* audio;
}
