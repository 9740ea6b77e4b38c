import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testDecoder } from '../../test/support/test-decoder.js';
import { createAudioEncoder } from './encode.js';
import {
  chunksOf,
  collect,
  endlessSpeech,
  rms,
  speech,
  temporaryFolder,
  tone,
  TONE_RMS,
} from './fake-recordings.js';
import { OUTPUT_FORMATS } from './output-format.js';
import type { AudioChunk } from './pcm-stream.js';

const never = new AbortController().signal;
const encoder = createAudioEncoder({ ffmpeg: { path: 'ffmpeg' }, maxConcurrent: 4, stallMs: 20_000 });
const THROUGH_FFMPEG = ['mp3', 'opus', 'aac', 'flac'] as const;

let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('encode', () => {
  it.each(OUTPUT_FORMATS.filter((format) => format !== 'pcm'))(
    'encodes all of two seconds of speech as %s',
    async (format) => {
      const file = path.join(folder, `reply.${format}`);
      await writeFile(file, await collect(encoder.encode(speech(), { format, signal: never })));
      const decoded = await testDecoder({ maxSeconds: 9 }).decode(file, never);
      expect(decoded.container).toBe(format === 'opus' ? 'ogg' : format);
      // mp3 and aac pad to whole frames, and a stream cannot state the padding.
      const padding = format === 'mp3' || format === 'aac' ? 0.15 : 0.0001;
      expect(decoded.seconds).toBeGreaterThanOrEqual(2);
      expect(decoded.seconds).toBeLessThan(2 + padding);
      expect(Math.abs(rms(decoded.samples) / TONE_RMS - 1)).toBeLessThan(0.07);
      expect(decoded.warnings).toEqual([]);
    },
  );

  it('makes pcm of exactly two bytes a sample at 24 kHz', async () => {
    const bytes = await collect(encoder.encode(speech(), { format: 'pcm', signal: never }));
    expect(bytes.length).toBe(2 * 24_000 * 2);
    const words = new Int16Array(new Uint8Array(bytes).buffer);
    expect(rms(Float32Array.from(words, (word) => word / 32768))).toBeCloseTo(TONE_RMS, 2);
  });

  it('begins a streamed WAV with placeholder lengths and the requested rate', async () => {
    const bytes = await collect(
      encoder.encode(speech(), { format: 'wav', signal: never, sampleRate: 16_000 }),
    );
    expect(bytes.length).toBe(44 + 2 * 16_000 * 2);
    expect([bytes.readUInt32LE(4), bytes.readUInt32LE(40)]).toEqual([0xffffffff, 0xffffffff]);
    expect(bytes.readUInt32LE(24)).toBe(16_000);
  });

  it('joins chunks of different rates, as when another engine continues', async () => {
    async function* twoVoices() {
      yield* speech(16_000);
      yield* speech(22_050);
      yield* speech(24_000);
    }
    const bytes = await collect(encoder.encode(twoVoices(), { format: 'pcm', signal: never }));
    expect(bytes.length).toBe(3 * 2 * 24_000 * 2);
  });

  it('clamps loud samples, replaces NaN by silence, and does not change the chunk', async () => {
    const samples = Float32Array.from([2, -2, NaN, Infinity, 0.5]);
    const bytes = await collect(
      encoder.encode(chunksOf({ samples, sampleRate: 24_000 }), { format: 'pcm', signal: never }),
    );
    expect([0, 2, 4, 6, 8].map((offset) => bytes.readInt16LE(offset))).toEqual([
      32767, -32768, 0, 32767, 16384,
    ]);
    expect(samples[0]).toBe(2);
  });

  it('keeps a bad sample from affecting its neighbours', async () => {
    const samples = new Float32Array(16_000).fill(0.5);
    samples[8000] = NaN;
    const bytes = await collect(
      encoder.encode(chunksOf({ samples, sampleRate: 16_000 }), { format: 'pcm', signal: never }),
    );
    const silent = new Int16Array(new Uint8Array(bytes).buffer).filter((word) => word === 0);
    expect(silent.length).toBeLessThan(10);
  });

  it.each(['wav', 'pcm', ...THROUGH_FFMPEG] as const)(
    'ends normally without any speech: %s',
    async (format) => {
      const bytes = await collect(encoder.encode(chunksOf(), { format, signal: never }));
      expect(bytes.length).toBeLessThan(1000);
    },
  );

  it.each(['wav', 'pcm', ...THROUGH_FFMPEG] as const)(
    'sends the first bytes before the speech has ended: %s',
    async (format) => {
      let heard = (): void => undefined;
      const firstBytes = new Promise<void>((resolve) => (heard = resolve));
      async function* waiting() {
        yield { samples: tone(0.5, 24_000), sampleRate: 24_000 };
        await firstBytes;
        yield { samples: tone(0.5, 24_000), sampleRate: 24_000 };
      }
      for await (const bytes of encoder.encode(waiting(), { format, signal: never }))
        if (bytes.length > 0) heard();
    },
  );

  it.each(['wav', 'mp3'] as const)(
    'yields nothing before the first chunk, so that an early failure can still set the status: %s',
    async (format) => {
      const failure = new Error('no voice today');
      // eslint-disable-next-line require-yield -- fails before it yields
      async function* failing(): AsyncGenerator<AudioChunk, void, undefined> {
        throw failure;
      }
      const stream = encoder.encode(failing(), { format, signal: never })[Symbol.asyncIterator]();
      await expect(stream.next()).rejects.toBe(failure);
    },
  );

  it.each(['pcm', 'mp3'] as const)('passes on an error in the middle of the speech: %s', async (format) => {
    const failure = new Error('the voice broke');
    async function* breaking() {
      yield* speech();
      throw failure;
    }
    await expect(collect(encoder.encode(breaking(), { format, signal: never }))).rejects.toBe(failure);
  });

  it('reads no more speech than its reader consumes', async () => {
    const source = endlessSpeech();
    for await (const bytes of encoder.encode(source.chunks, { format: 'pcm', signal: never })) {
      if (bytes.length > 0) break;
    }
    expect(source.given).toBe(1);
    expect(source.ended).toBe(true);
  });

  it('reads a bounded amount ahead of a reader that has stopped', async () => {
    const source = endlessSpeech();
    const stream = encoder.encode(source.chunks, { format: 'flac', signal: never })[Symbol.asyncIterator]();
    await stream.next();
    let before = -1;
    await vi.waitFor(
      () => {
        const standsStill = source.given === before;
        before = source.given;
        expect(standsStill).toBe(true);
      },
      { interval: 300, timeout: 20_000 },
    );
    // Pipes and stream buffers hold a few hundred kilobytes: less than a minute of flac and of input.
    expect(source.given).toBeLessThan(1500);
    await stream.return?.();
  });
});
