import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeFile, testDecoder } from '../../test/support/test-decoder.js';
import { recordTone, recordTones, rms, temporaryFolder } from './fake-recordings.js';

/** Every accepted format: with two files joined byte by byte, and with channels that cancel. */
const SAMPLE = path.resolve(import.meta.dirname, '../../test/fixtures/speech-sample.wav');
const SAMPLE_SECONDS = 6.3;

const decoder = testDecoder();
const decode = (file: string) => decoder.decode(file, new AbortController().signal);
let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const store = (name: string, ...parts: Uint8Array[]) => storeFile(folder, name, ...parts);

const FORMATS = [
  ['wav', '-c:a', 'pcm_s16le', '-f', 'wav'],
  ['24-bit wav', '-c:a', 'pcm_s24le', '-f', 'wav'],
  ['w64', '-c:a', 'pcm_s16le', '-f', 'w64'],
  ['mp3', '-c:a', 'libmp3lame', '-f', 'mp3'],
  ['m4a', '-c:a', 'aac', '-f', 'ipod'],
  ['fragmented mp4', '-c:a', 'aac', '-movflags', '+frag_keyframe+empty_moov', '-f', 'mp4'],
  ['ogg opus', '-c:a', 'libopus', '-f', 'ogg'],
  ['ogg vorbis', '-c:a', 'libvorbis', '-f', 'ogg'],
  ['webm', '-c:a', 'libopus', '-f', 'webm'],
  ['webm without lengths', '-c:a', 'libopus', '-live', '1', '-f', 'webm'],
  ['mkv', '-c:a', 'pcm_s16le', '-f', 'matroska'],
  ['flac', '-c:a', 'flac', '-f', 'flac'],
  ['aac', '-c:a', 'aac', '-f', 'adts'],
  ['caf', '-c:a', 'pcm_s16be', '-f', 'caf'],
  ['aiff', '-c:a', 'pcm_s16be', '-f', 'aiff'],
  ['au', '-c:a', 'pcm_s16be', '-f', 'au'],
  ['wma', '-c:a', 'wmav2', '-f', 'asf'],
  ['mpeg', '-c:a', 'mp2', '-f', 'mpeg'],
  ['ts', '-c:a', 'aac', '-f', 'mpegts'],
] as const;

describe('every format that is accepted', () => {
  const kinds = FORMATS.map(([name, ...options]) => ({ name, options }));
  const stereo = kinds.map(({ name, options }) => ({
    name: `opposite ${name}`,
    options: ['-af', 'pan=stereo|c0=c0|c1=-1*c0', ...options],
  }));
  let files = new Map<string, string>();
  let opposite = new Map<string, string>();
  beforeAll(async () => {
    files = await recordTones(folder, kinds);
    opposite = await recordTones(folder, stereo);
  });

  it.each(kinds)('is decoded completely when two files are joined: $name', async ({ name }) => {
    const bytes = await readFile(files.get(name) ?? '');
    const { seconds, warnings } = await decode(await store('joined', bytes, bytes));
    expect(seconds).toBeGreaterThan(3.9);
    expect(seconds).toBeLessThan(4.4);
    expect(warnings).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it.each(kinds)('keeps its sound with channels in opposite phase: $name', async ({ name }) => {
    const { samples, warnings } = await decode(opposite.get(`opposite ${name}`) ?? '');
    // Encoders that code the channels jointly weaken the difference between them.
    expect(rms(samples)).toBeGreaterThan(0.25);
    expect(warnings).toEqual([]);
  });

  it.each(kinds)('is rejected when joined recordings are too long together: $name', async ({ name }) => {
    const bytes = await readFile(files.get(name) ?? '');
    const short = testDecoder({ maxSeconds: 3 });
    const file = await store('joined too long', bytes, bytes);
    await expect(short.decode(file, new AbortController().signal)).rejects.toMatchObject({ status: 413 });
  });
});

describe('recordings of different kinds in one file', () => {
  it('are all decoded when the first one states its length', async () => {
    const wav = await readFile(SAMPLE);
    const mp3 = await readFile(await recordTone(folder, ['-c:a', 'libmp3lame', '-f', 'mp3']));
    const { seconds, warnings } = await decode(await store('wav and mp3', wav, mp3));
    expect(seconds).toBeCloseTo(SAMPLE_SECONDS + 2, 0);
    expect(warnings).toEqual([]);
  });

  it('may differ in rate and channels', async () => {
    const sources = await recordTones(folder, [
      { name: 'one', options: ['-ar', '8000', '-c:a', 'pcm_s16le', '-f', 'wav'] },
      { name: 'two', options: ['-ac', '2', '-ar', '44100', '-c:a', 'pcm_s16le', '-f', 'wav'] },
    ]);
    const parts = await Promise.all([...sources.values()].map((file) => readFile(file)));
    expect((await decode(await store('rates', ...parts))).seconds).toBeCloseTo(4, 1);
  });

  it('are decoded as far as they can be read, with a warning', async () => {
    const wav = await readFile(SAMPLE);
    const broken = Buffer.concat([wav.subarray(0, 20), Buffer.from('broken'.repeat(50))]);
    const { seconds, warnings } = await decode(await store('half broken', wav, broken));
    expect(seconds).toBeCloseTo(SAMPLE_SECONDS, 1);
    expect(warnings).toEqual([expect.stringMatching(/part of the file cannot be decoded/)]);
  });

  it('are limited in number', async () => {
    const wav = await readFile(
      await recordTone(folder, ['-ar', '8000', '-c:a', 'pcm_s16le', '-f', 'wav'], 1),
    );
    const { seconds, warnings } = await decode(await store('many', ...new Array<Buffer>(40).fill(wav)));
    expect(seconds).toBeCloseTo(16, 1);
    expect(warnings).toEqual([expect.stringMatching(/more than 16 recordings/)]);
  });
});
