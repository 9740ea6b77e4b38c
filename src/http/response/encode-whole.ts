import { DEFAULT_OUTPUT_RATE, type AudioEncoder } from '../../audio/encode.js';
import type { OutputFormat } from '../../audio/output-format.js';
import { wavHeader } from '../../audio/wav-header.js';
import type { SpeechAudio } from '../../engines/tts/text-to-speech.js';

/** A complete audio file in base64; empty when there is no audio. Unlike a streamed WAV, its header contains the real length. */
export async function encodeWhole(
  encoder: AudioEncoder,
  audio: AsyncIterable<SpeechAudio>,
  format: OutputFormat,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const bytes of encoder.encode(audio, { format: format === 'wav' ? 'pcm' : format, signal }))
    chunks.push(bytes);
  const body = Buffer.concat(chunks);
  if (format !== 'wav' || body.length === 0) return body.toString('base64');
  return Buffer.concat([wavHeader(DEFAULT_OUTPUT_RATE, body.length), body]).toString('base64');
}
