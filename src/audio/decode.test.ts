import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDecoder } from '../../test/support/test-decoder.js';
import {
  RUN_FFMPEG,
  TONE_RMS,
  amrFile,
  encodeWav,
  fakeProgram,
  recordTone,
  recordTones,
  rms,
  runFfmpeg,
  temporaryFolder,
} from './fake-recordings.js';

const never = new AbortController().signal;
const decoder = testDecoder();
let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const kind = (name: string, container: string, ...output: string[]) => ({ name, container, options: output });

describe('recordings of phones', () => {
  const kinds = [
    kind('m4a', 'mp4', '-c:a', 'aac', '-f', 'ipod'),
    kind('m4a with its index in front', 'mp4', '-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod'),
    kind('fragmented mp4', 'mp4', '-c:a', 'aac', '-movflags', '+frag_keyframe+empty_moov', '-f', 'mp4'),
    kind('ALAC', 'mp4', '-c:a', 'alac', '-f', 'ipod'),
    kind('ADTS', 'aac', '-c:a', 'aac', '-f', 'adts'),
    kind('mp3', 'mp3', '-c:a', 'libmp3lame', '-f', 'mp3'),
    kind(
      'mp3 without tags',
      'mp3',
      '-c:a',
      'libmp3lame',
      '-write_xing',
      '0',
      '-id3v2_version',
      '0',
      '-f',
      'mp3',
    ),
    kind('Ogg Opus', 'ogg', '-c:a', 'libopus', '-f', 'ogg'),
    kind('Ogg Vorbis', 'ogg', '-c:a', 'libvorbis', '-f', 'ogg'),
    kind('WebM', 'webm', '-c:a', 'libopus', '-f', 'webm'),
    kind('FLAC', 'flac', '-c:a', 'flac', '-f', 'flac'),
    kind('CAF', 'caf', '-c:a', 'pcm_s16be', '-f', 'caf'),
    kind('AIFF', 'aiff', '-c:a', 'pcm_s16be', '-f', 'aiff'),
    kind('w64', 'w64', '-c:a', 'pcm_s16le', '-f', 'w64'),
    kind('RF64', 'wav', '-c:a', 'pcm_s16le', '-rf64', 'always', '-f', 'wav'),
    kind(
      'stereo WAV',
      'wav',
      '-af',
      'pan=stereo|c0=c0|c1=c0',
      '-ar',
      '44100',
      '-c:a',
      'pcm_s16le',
      '-f',
      'wav',
    ),
    kind('stereo m4a', 'mp4', '-af', 'pan=stereo|c0=c0|c1=c0', '-ar', '44100', '-c:a', 'aac', '-f', 'ipod'),
    ...['u8', 's16le', 's24le', 's32le', 'f32le', 'f64le', 'alaw', 'mulaw'].map((codec) =>
      kind(`WAV ${codec}`, 'wav', '-c:a', `pcm_${codec}`, '-f', 'wav'),
    ),
    kind('WAV IMA ADPCM', 'wav', '-c:a', 'adpcm_ima_wav', '-f', 'wav'),
    kind('WAV Microsoft ADPCM', 'wav', '-c:a', 'adpcm_ms', '-f', 'wav'),
  ];
  let files = new Map<string, string>();
  beforeAll(async () => {
    files = await recordTones(folder, kinds);
  });

  it.each(kinds)('decodes $name', async ({ name, container }) => {
    const decoded = await decoder.decode(files.get(name) ?? '', never);
    expect(decoded.container).toBe(container);
    expect(decoded.seconds).toBeGreaterThan(1.95);
    expect(decoded.seconds).toBeLessThan(2.15);
    expect(decoded.samples.length).toBe(Math.round(decoded.seconds * 16_000));
    expect(rms(decoded.samples)).toBeGreaterThan(TONE_RMS * 0.93);
    expect(rms(decoded.samples)).toBeLessThan(TONE_RMS * 1.07);
    expect(decoded.warnings).toEqual([]);
  });

  it.each(['narrow', 'wide'] as const)('decodes AMR %s band, raw and in 3gp', async (band) => {
    const raw = path.join(folder, `${band}.bin`);
    const wrapped = path.join(folder, `${band}.3gp`);
    await writeFile(raw, amrFile(band, 100));
    await runFfmpeg(['-f', 'amr', '-i', raw, '-c', 'copy', wrapped]);
    const decoded = await Promise.all([raw, wrapped].map((file) => decoder.decode(file, never)));
    expect(decoded.map(({ container }) => container)).toEqual(['amr', 'mp4']);
    for (const { seconds } of decoded) expect(seconds).toBeCloseTo(2, 1);
  });

  it('decodes the sound of a video', async () => {
    const file = path.join(folder, 'video');
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      'testsrc=duration=1:size=64x64:rate=5',
      '-f',
      'lavfi',
      '-i',
      'sine=duration=1',
    ];
    await runFfmpeg([...inputs, '-c:v', 'mpeg4', '-c:a', 'aac', '-f', 'mp4', file]);
    const decoded = await decoder.decode(file, never);
    expect(decoded.seconds).toBeCloseTo(1, 1);
    expect(decoded.warnings).toEqual([]);
  });

  it('skips an ID3 tag longer than the head of the file', async () => {
    const size = 200_000;
    const tag = [0x49, 0x44, 0x33, 3, 0, 0, 0, size >> 14, (size >> 7) & 127, size & 127];
    const file = path.join(folder, 'tagged');
    for (const name of ['mp3 without tags', 'ADTS']) {
      await writeFile(
        file,
        Buffer.concat([Buffer.from(tag), Buffer.alloc(size), await readFile(files.get(name) ?? '')]),
      );
      expect((await decoder.decode(file, never)).seconds).toBeCloseTo(2, 0);
    }
  });

  it('decodes a plain WAV to the same samples as ffmpeg', async () => {
    const sound = ['-ar', '48000', '-af', 'pan=stereo|c0=c0|c1=0.5*c0', '-c:a'];
    const here = await decoder.decode(await recordTone(folder, [...sound, 'pcm_s16le', '-f', 'wav']), never);
    const there = await decoder.decode(await recordTone(folder, [...sound, 'pcm_s24le', '-f', 'wav']), never);
    const difference = here.samples
      .map((value, index) => value - (there.samples[index] ?? 0))
      .subarray(200, -200);
    expect(here.samples.length).toBe(there.samples.length);
    expect(rms(difference)).toBeLessThan(0.001);
  });

  it('decodes silence', async () => {
    const file = path.join(folder, 'silence');
    await writeFile(file, encodeWav(new Float32Array(16_000), 16_000));
    expect(rms((await decoder.decode(file, never)).samples)).toBe(0);
  });

  it('clamps samples out of range and replaces NaN', async () => {
    const wild = Float32Array.from(
      { length: 16_000 },
      (_, n) => [NaN, Infinity, -Infinity, 7, 0.5][n % 5] ?? 0,
    );
    const raw = path.join(folder, 'wild.raw');
    const file = path.join(folder, 'wild.wav');
    await writeFile(raw, new Uint8Array(wild.buffer));
    await runFfmpeg(['-f', 'f32le', '-ar', '16000', '-ac', '1', '-i', raw, '-c:a', 'pcm_f32le', file]);
    const { samples } = await decoder.decode(file, never);
    expect(samples.every((value) => value >= -1 && value <= 1)).toBe(true);
  });
});

describe('a recording that is too long', () => {
  const kinds = [
    kind('WAV', 'wav', '-c:a', 'pcm_s16le', '-f', 'wav'),
    kind('float WAV', 'wav', '-c:a', 'pcm_f32le', '-f', 'wav'),
    kind('m4a', 'mp4', '-c:a', 'aac', '-f', 'ipod'),
    kind('mp3', 'mp3', '-c:a', 'libmp3lame', '-f', 'mp3'),
    kind('mp3 without a length', 'mp3', '-c:a', 'libmp3lame', '-write_xing', '0', '-f', 'mp3'),
    kind('ADTS', 'aac', '-c:a', 'aac', '-f', 'adts'),
    kind('Ogg', 'ogg', '-c:a', 'libopus', '-f', 'ogg'),
    kind('WebM without a length', 'webm', '-c:a', 'libopus', '-live', '1', '-f', 'webm'),
  ];
  let files = new Map<string, string>();
  beforeAll(async () => {
    files = await recordTones(folder, kinds, 10);
  });
  const short = testDecoder({ maxSeconds: 2 });

  it.each(kinds)('of $name is rejected with 413', async ({ name }) => {
    const refusal = { status: 413, code: 'audio_too_long', param: 'file' };
    await expect(short.decode(files.get(name) ?? '', never)).rejects.toMatchObject(refusal);
  });

  it('may exceed the limit by the padding of its encoder', async () => {
    const file = await recordTone(folder, ['-c:a', 'aac', '-f', 'ipod'], 2);
    expect((await short.decode(file, never)).seconds).toBeGreaterThan(2);
  });

  it('is detected in the header of a WAV, without a process', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-unused', RUN_FFMPEG);
    const file = path.join(folder, 'long.wav');
    await writeFile(file, encodeWav(new Float32Array(16_000 * 200), 16_000));
    await expect(testDecoder({ ffmpeg }).decode(file, never)).rejects.toMatchObject({
      status: 413,
    });
    expect(await ffmpeg.starts()).toEqual([]);
  });
});
