import type { FileHandle } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type * as wavefile from 'wavefile';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ChannelMixer } from './channel-mixer.js';
import { mixToMono } from './pcm.js';
import { resampleInSlices } from './resample.js';
import { canResample } from './resampler.js';
import { PCM_TAG, wavHeader, type WavLayout } from './wav-header.js';

/**
 * Plain WAV data up to this size is decoded in this process: 1 MiB blocks the event loop for 1 to 2 ms at a time (measured),
 * and costs less than starting ffmpeg.
 */
const MAX_DATA_BYTES = 1024 * 1024;
/** Samples mixed between two turns of the event loop: about a millisecond. */
const SLICE_SAMPLES = 32_768;

/** True for what `decodePlainWav` takes: 16-bit PCM, at most `MAX_DATA_BYTES`, at a sample rate that `canResample` accepts. */
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
 * Decodes a WAV that `isPlainWav` accepts to mono at `sampleRate`. wavefile gets a rebuilt file with true lengths and only
 * samples: on a wrong header, or a cue chunk that announces four billion points, it would never return.
 */
export async function decodePlainWav(
  file: FileHandle,
  layout: WavLayout,
  sampleRate: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  // Loaded with require, because loaders disagree about the exports of its bundle. It takes 6 ms, so it is not loaded
  // at the start.
  const { WaveFile } = createRequire(import.meta.url)('wavefile') as typeof wavefile;
  const data = Buffer.alloc(layout.dataBytes);
  const { bytesRead } = await file.read(data, 0, layout.dataBytes, layout.dataOffset);
  signal.throwIfAborted();
  const wav = new WaveFile(
    Buffer.concat([wavHeader(layout.sampleRate, bytesRead), data.subarray(0, bytesRead)]),
  );
  // getSamples() takes 48 ns per sample (5 ms for 6 s of speech); copying the bytes takes almost no time.
  const { samples } = wav.data as { samples: Uint8Array };
  const words = new Int16Array(new Uint8Array(samples).buffer);
  const mono = await toMono(words, layout, signal);
  return await resampleInSlices(mono, layout.sampleRate, sampleRate, signal);
}

async function toMono(words: Int16Array, layout: WavLayout, signal: AbortSignal): Promise<Float32Array> {
  const { channels, sampleRate } = layout;
  if (channels === 1) return mixToMono(words, 1);
  const mixer = new ChannelMixer(channels, sampleRate);
  const mono = new Float32Array(Math.floor(words.length / channels));
  const sliceLength = channels * Math.ceil(SLICE_SAMPLES / channels);
  let written = 0;
  for (let start = 0; start < mono.length * channels; start += sliceLength) {
    // Interleaved samples are scaled as one channel is.
    const mixed = mixer.push(mixToMono(words.subarray(start, start + sliceLength), 1));
    mono.set(mixed, written);
    written += mixed.length;
    await nextTurn();
    signal.throwIfAborted();
  }
  mono.set(mixer.flush(), written);
  return mono;
}
