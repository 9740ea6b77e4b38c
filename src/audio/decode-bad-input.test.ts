import fc from 'fast-check';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDecoder } from '../../test/support/test-decoder.js';
import { AppError } from '../lib/errors.js';
import { encodeWav, recordTone, recordTones, runFfmpeg, temporaryFolder } from './fake-recordings.js';
import { decodeArguments } from './ffmpeg-arguments.js';
import { startFfmpeg } from './ffmpeg.js';
import type { Container } from './sniff.js';

const never = new AbortController().signal;
const decoder = testDecoder();
let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

async function store(content: string | Uint8Array, name = 'upload'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

async function refusalOf(file: string): Promise<AppError> {
  const error: unknown = await decoder.decode(file, never).then(
    () => expect.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).param).toBe('file');
  expect((error as AppError).message).not.toMatch(/0x|file:|tmp|audio-test/);
  return error as AppError;
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const MP4_WITHOUT_INDEX = latin1('\0\0\0\x18ftypM4A \0\0\0\0M4A isom\0\0\x27\x10mdat\0\0\0');

describe('a file that cannot be used', () => {
  it.each([
    ['an empty file', '', 'empty_audio'],
    ['text', 'يا رب يشتغل', 'unsupported_audio'],
    ['JSON', '{"audio":"no"}', 'unsupported_audio'],
    [
      'an SVG',
      '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
      'unsupported_audio',
    ],
    [
      'noise',
      Buffer.from(Array.from({ length: 5000 }, (_, n) => (n * 7919 + (n >> 3)) & 0xff)),
      'unsupported_audio',
    ],
    ['a WAV without samples', encodeWav(new Float32Array(0), 16_000), 'invalid_audio'],
    ['half a WAV header', encodeWav(new Float32Array(9), 16_000).subarray(0, 30), 'invalid_audio'],
    ['an MP4 that ends before its index', MP4_WITHOUT_INDEX, 'invalid_audio'],
    ['FLAC that is none', latin1('fLaC' + 'x'.repeat(500)), 'invalid_audio'],
    ['Ogg that is none', latin1('OggS' + 'x'.repeat(500)), 'invalid_audio'],
    ['a late part of a WebM', Buffer.from([0x1f, 0x43, 0xb6, 0x75, 1, 2, 3, 4, 5, 6, 7, 8]), 'invalid_audio'],
    ['an AMR header alone', '#!AMR\n', 'invalid_audio'],
  ])('%s gets 400', async (_, content, code) => {
    expect(await refusalOf(await store(content))).toMatchObject({ status: 400, code });
  });

  it('gets an error that lists the accepted formats or names the damage', async () => {
    expect((await refusalOf(await store('text'))).message).toMatch(/wav, mp3, m4a/);
    expect((await refusalOf(await store(MP4_WITHOUT_INDEX))).message).toMatch(/index is missing/);
  });

  it('of video without sound gets 400', async () => {
    const file = path.join(folder, 'mute.mp4');
    await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc=duration=1:size=64x64:rate=5', '-c:v', 'mpeg4', file]);
    const refusal = await refusalOf(file);
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_audio' });
    expect(refusal.message).toMatch(/no audio track/);
  });

  it('with a codec that is not accepted gets 400', async () => {
    const refusal = await refusalOf(await recordTone(folder, ['-c:a', 'ac3', '-f', 'mp4']));
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_audio' });
    expect(refusal.message).toMatch(/codec is not supported/);
  });

  it('that begins like a known format and continues at random always gets a 4xx error', async () => {
    const beginnings = [
      'RIFF\xff\xff\xff\xffWAVEfmt ',
      'fLaC\0\0\0\x22',
      'OggS\0\x02',
      '\x1aE\xdf\xa3',
      '\0\0\0\x18ftypM4A ',
      'caff\0\x01',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...beginnings),
        fc.uint8Array({ minLength: 20, maxLength: 400 }),
        async (start, rest) => {
          const file = await store(Buffer.concat([latin1(start), rest]), 'random');
          const error: unknown = await decoder.decode(file, never).then(
            () => null,
            (reason: unknown) => reason,
          );
          if (error !== null)
            expect((error as AppError).status).toSatisfy((status: number) => [400, 413].includes(status));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('headers that lie', () => {
  it.each([
    ['a WAV of a stream, its lengths all ones', 0xffffffff],
    ['a WAV of a stream, its lengths zero', 0],
    ['a WAV by a recorder that writes to a pipe', 0x7fffffff - 36],
  ])('%s is decoded to its real end', async (_, length) => {
    for (const codec of ['pcm_s16le', 'pcm_s24le']) {
      const bytes = await readFile(
        await recordTone(folder, ['-c:a', codec, '-fflags', '+bitexact', '-f', 'wav'], 1),
      );
      bytes.writeUInt32LE(length, bytes.indexOf('data') + 4);
      const decoded = await decoder.decode(await store(bytes), never);
      expect(decoded.seconds).toBeCloseTo(1, 1);
      expect(decoded.warnings).toEqual([]);
    }
  });

  it('a cue chunk that claims four billion points causes no delay', async () => {
    const wav = Buffer.from(encodeWav(new Float32Array(1600).fill(0.1), 16_000));
    const cue = Buffer.from('cue \x04\0\0\0\xff\xff\xff\xff', 'latin1');
    const file = await store(Buffer.concat([wav.subarray(0, 36), cue, wav.subarray(36), cue]));
    expect((await decoder.decode(file, never)).seconds).toBe(0.1);
  });

  it('sixteen or a million channels get 400', async () => {
    const wav = await recordTone(folder, [
      '-af',
      'aformat=channel_layouts=hexadecagonal',
      '-c:a',
      'pcm_s24le',
      '-f',
      'caf',
    ]);
    const caf = Buffer.alloc(4096);
    caf.write('caff\0\x01\0\0desc', 'latin1');
    caf.writeUInt32BE(32, 16);
    caf.writeDoubleBE(16_000, 20);
    caf.write('lpcm', 28);
    caf.writeUInt32BE(2_000_000, 36);
    caf.writeUInt32BE(1, 40);
    caf.writeUInt32BE(1_000_000, 44);
    caf.writeUInt32BE(16, 48);
    caf.write('data', 52);
    const everything = Buffer.from(encodeWav(new Float32Array(100), 16_000));
    everything.writeUInt16LE(65_535, 22);
    for (const file of [wav, await store(caf, 'a'), await store(everything, 'b')]) {
      expect(await refusalOf(file)).toMatchObject({ status: 400, code: 'invalid_audio' });
    }
    expect((await refusalOf(wav)).message).toMatch(/16 channels/);
  });
});

describe('a file that is cut', () => {
  const kinds = [
    { name: 'm4a', options: ['-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod'] },
    { name: 'FLAC', options: ['-c:a', 'flac', '-f', 'flac'] },
    { name: 'WebM', options: ['-c:a', 'libopus', '-f', 'webm'] },
    { name: 'mp3', options: ['-c:a', 'libmp3lame', '-f', 'mp3'] },
    { name: 'plain WAV', options: ['-c:a', 'pcm_s16le', '-ar', '16000', '-f', 'wav'] },
    { name: 'float WAV', options: ['-c:a', 'pcm_f32le', '-f', 'wav'] },
  ];
  let files = new Map<string, string>();
  beforeAll(async () => {
    files = await recordTones(folder, kinds, 4);
  });

  it.each(kinds)('is decoded up to the cut, with a warning: $name', async ({ name }) => {
    const whole = await readFile(files.get(name) ?? '');
    const decoded = await decoder.decode(await store(whole.subarray(0, whole.length / 2)), never);
    expect(decoded.seconds).toBeGreaterThan(1);
    expect(decoded.seconds).toBeLessThan(3);
    expect(decoded.warnings).toEqual([expect.stringMatching(/damaged or cut off/)]);
  });
});

describe('files that refer to other files', () => {
  let server: Server;
  let requests = 0;
  let url = '';
  beforeAll(async () => {
    server = createServer((_, response) => {
      requests++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    await writeFile(path.join(folder, 'other.wav'), encodeWav(new Float32Array(16_000).fill(0.3), 16_000));
  });
  afterAll(() => server.close());

  const scripts = (): [string, string][] => [
    ['an HLS playlist of a URL', `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}.ts\n#EXT-X-ENDLIST\n`],
    [
      'an HLS playlist of a file',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.wav\n#EXT-X-ENDLIST\n',
    ],
    ['an ffconcat script', 'ffconcat version 1.0\nfile other.wav\n'],
    ['an SDP description', `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nu=${url}\nm=audio 9 RTP/AVP 0\n`],
  ];

  it('are rejected as unsupported', async () => {
    for (const [, script] of scripts()) {
      expect(await refusalOf(await store(script, 'evil.m4a'))).toMatchObject({
        status: 400,
        code: 'unsupported_audio',
      });
    }
    expect(requests).toBe(0);
  });

  it('cannot make ffmpeg open another file, even if they pass for another container', async () => {
    for (const [name, script] of scripts()) {
      for (const container of ['mp4', 'mp3', 'wav'] as Container[]) {
        const input = `file:${await store(script, `${container} ${name}.m4a`)}`;
        const run = await startFfmpeg(
          { path: 'ffmpeg' },
          {
            ...decodeArguments({ container, track: 0, channels: 1, sampleRate: 16_000 }),
            input,
            signal: never,
          },
        );
        let bytes = 0;
        for await (const chunk of run.output) bytes += chunk.length;
        expect((await run.ended).exitCode).not.toBe(null);
        // An MP3 decoder may read a stray byte pair as a frame: a quarter of a second at most, never a whole file.
        expect(bytes).toBeLessThan(16_000);
      }
    }
    expect(requests).toBe(0);
  });
});
