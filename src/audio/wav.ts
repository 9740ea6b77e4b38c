import type { FileHandle } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as wavefile from 'wavefile';
import { mixToMono } from './pcm.js';
import { canResample, resampleInSlices } from './resample.js';
import { PCM_TAG, wavHeader, type WavLayout } from './wav-header.js';

/**
 * Up to here a plain WAV is decoded in this process: measured, 1 MiB holds the event loop for 1 to 2 ms at a time and
 * costs less than starting ffmpeg would.
 */
const MAX_DATA_BYTES = 1024 * 1024;

/** True for what `decodePlainWav` takes: 16-bit PCM, small, at a sample rate with a sane ratio to the target's. */
export function isPlainWav(layout: WavLayout, sampleRate: number): boolean {
  return (
    layout.formatTag === PCM_TAG &&
    layout.bitsPerSample === 16 &&
    layout.blockAlign === layout.channels * 2 &&
    layout.dataBytes <= MAX_DATA_BYTES &&
    canResample(layout.sampleRate, sampleRate)
  );
}

/**
 * Decodes a WAV that `isPlainWav` accepts to mono at `sampleRate`. wavefile gets a file rebuilt with true lengths and
 * nothing but samples in it: on a lying header, or a cue chunk that announces four billion points, it would not return.
 */
export async function decodePlainWav(
  file: FileHandle,
  layout: WavLayout,
  sampleRate: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  // Required, not imported: loaders disagree about the shape of its bundle. 6 ms, so not at the service's start.
  const { WaveFile } = createRequire(import.meta.url)('wavefile') as typeof wavefile;
  const data = Buffer.alloc(layout.dataBytes);
  const { bytesRead } = await file.read(data, 0, layout.dataBytes, layout.dataOffset);
  signal.throwIfAborted();
  const wav = new WaveFile(
    Buffer.concat([wavHeader(layout.sampleRate, bytesRead), data.subarray(0, bytesRead)]),
  );
  // Its getSamples() takes 48 ns a sample (5 ms for 6 s of speech), a copy of the bytes next to nothing.
  const { samples } = wav.data as { samples: Uint8Array };
  const words = new Int16Array(new Uint8Array(samples).buffer);
  return await resampleInSlices(mixToMono(words, layout.channels), layout.sampleRate, sampleRate, signal);
}
