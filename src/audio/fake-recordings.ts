import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { floatToS16le } from './pcm.js';
import type { AudioChunk } from './pcm-stream.js';
import { wavHeader } from './wav-header.js';

/** A new temporary folder; the caller removes it. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'audio-test-'));
}

export interface ToneFile {
  name: string;
  /** ffmpeg's output options. */
  options: readonly string[];
}

/**
 * Writes a 440 Hz tone at half of full scale (its RMS is 0.354) into each of the files with the real ffmpeg. One
 * process writes all of them, because starting it takes longer than encoding. Returns the paths by name.
 */
export async function recordTones(
  folder: string,
  files: readonly ToneFile[],
  seconds = 2,
): Promise<Map<string, string>> {
  const paths = new Map(files.map(({ name }) => [name, path.join(folder, `${seconds} s ${name}`)]));
  const source = `sine=frequency=440:sample_rate=48000:duration=${seconds},volume=4`;
  const outputs = files.flatMap(({ name, options }) => [...options, paths.get(name) ?? '']);
  await runFfmpeg(['-f', 'lavfi', '-i', source, ...outputs]);
  return paths;
}

export async function recordTone(folder: string, options: readonly string[], seconds = 2): Promise<string> {
  const name = options.join(' ').replaceAll('/', '');
  const paths = await recordTones(folder, [{ name, options }], seconds);
  return paths.get(name) ?? '';
}

export async function runFfmpeg(args: readonly string[]): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args]);
}

export const TONE_RMS = 0.5 / Math.SQRT2;

export function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
}

export function tone(seconds: number, sampleRate: number): Float32Array {
  return Float32Array.from(
    { length: seconds * sampleRate },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / sampleRate),
  );
}

/** Replaces ffmpeg: a shell script that first records its process id and arguments. */
export interface FakeProgram {
  path: string;
  /** One entry per start. */
  starts(): Promise<{ pid: number; args: string }[]>;
}

export async function fakeProgram(folder: string, name: string, script: string): Promise<FakeProgram> {
  const program = path.join(folder, name);
  const log = `${program}.log`;
  await writeFile(program, `#!/bin/sh\necho "$$ $*" >> "${log}"\n${script}\n`);
  await chmod(program, 0o755);
  return {
    path: program,
    async starts() {
      const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean);
      return lines.map((line) => ({ pid: Number.parseInt(line, 10), args: line.replace(/^\d+ /, '') }));
    },
  };
}

export const RUN_FFMPEG = 'exec ffmpeg "$@"';
/** Lists its encoders, then hangs. */
export const HANG = 'case "$*" in *-encoders*) exec ffmpeg "$@";; esac\nexec sleep 60';

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** AMR narrow band (mode 7) or wide band (mode 8) with arbitrary content: 20 ms a frame. */
export function amrFile(band: 'narrow' | 'wide', frames: number): Buffer {
  const [magic, header, size] =
    band === 'narrow' ? (['#!AMR\n', 0x3c, 32] as const) : (['#!AMR-WB\n', 0x44, 61] as const);
  const body = Buffer.alloc(frames * size);
  for (let index = 0; index < body.length; index++)
    body[index] = index % size === 0 ? header : (index * 37) & 0xff;
  return Buffer.concat([Buffer.from(magic), body]);
}

/** Two seconds of tone in tenths. */
export async function* speech(sampleRate = 16_000): AsyncGenerator<AudioChunk, void, undefined> {
  const samples = tone(2, sampleRate);
  const length = sampleRate / 10;
  for (let start = 0; start < samples.length; start += length)
    yield { samples: samples.subarray(start, start + length), sampleRate };
}

/** Endless speech; `given` counts the chunks taken. */
export function endlessSpeech() {
  const source = { given: 0, ended: false, chunks: generate() };
  async function* generate(): AsyncGenerator<AudioChunk, void, undefined> {
    try {
      for (;;) {
        source.given++;
        yield { samples: tone(0.1, 16_000), sampleRate: 16_000 };
      }
    } finally {
      source.ended = true;
    }
  }
  return source;
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

export async function* chunksOf(...chunks: AudioChunk[]) {
  yield* chunks;
}

/** A complete 16-bit mono WAV file with true lengths. */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array {
  const data = floatToS16le(samples);
  const file = new Uint8Array(44 + data.length);
  file.set(wavHeader(sampleRate, data.length));
  file.set(data, 44);
  return file;
}
