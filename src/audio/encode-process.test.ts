import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../test/support/until.js';
import { createAudioEncoder, type AudioEncoderOptions } from './encode.js';
import {
  collect,
  endlessSpeech,
  fakeProgram,
  HANG,
  isRunning,
  RUN_FFMPEG,
  speech,
  temporaryFolder,
} from './fake-recordings.js';
import type { AudioChunk } from './pcm-stream.js';

const never = new AbortController().signal;
const encoderWith = (options: Partial<AudioEncoderOptions> = {}) =>
  createAudioEncoder({ ffmpeg: { path: 'ffmpeg' }, maxConcurrent: 4, stallMs: 20_000, ...options });

let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('the process behind encode', () => {
  it('is started once per reply, after one process that lists the encoders', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-counted', RUN_FFMPEG);
    const counted = encoderWith({ ffmpeg });
    for (const format of ['mp3', 'opus', 'wav', 'pcm'] as const)
      await collect(counted.encode(speech(), { format, signal: never }));
    const kinds = (await ffmpeg.starts()).map(({ args }) => /-encoders|libmp3lame|libopus/.exec(args)?.[0]);
    expect(kinds).toEqual(['-encoders', 'libmp3lame', 'libopus']);
  });

  it('does not wait for more input from a source that has failed', async () => {
    const broken = (async function* (): AsyncGenerator<AudioChunk> {
      yield { samples: new Float32Array(160), sampleRate: 16_000 };
      throw new Error('the voice is gone');
    })();
    const encoded = collect(encoderWith().encode(broken, { format: 'mp3', signal: never }));
    await expect(encoded).rejects.toThrow('the voice is gone');
  }, 10_000);

  it('has exited when the reader has left', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-left', RUN_FFMPEG);
    for await (const bytes of encoderWith({ ffmpeg }).encode(endlessSpeech().chunks, {
      format: 'opus',
      signal: never,
    })) {
      if (bytes.length > 0) break;
    }
    const starts = await ffmpeg.starts();
    expect(starts).toHaveLength(2);
    for (const { pid } of starts) expect(isRunning(pid)).toBe(false);
  });

  it.each(['pcm', 'mp3'] as const)(
    'has exited when an aborted call returns, even if no audio arrives: %s',
    async (format) => {
      const ffmpeg = await fakeProgram(folder, `ffmpeg-aborted-${format}`, RUN_FFMPEG);
      const controller = new AbortController();
      const reason = new Error('the caller hung up');
      async function* stuck() {
        yield* speech();
        controller.abort(reason);
        await new Promise(() => undefined);
      }
      const encoding = collect(
        encoderWith({ ffmpeg }).encode(stuck(), { format, signal: controller.signal }),
      );
      await expect(encoding).rejects.toBe(reason);
      for (const { pid } of await ffmpeg.starts()) expect(isRunning(pid)).toBe(false);
    },
  );

  it('causes an error with its output when it fails', async () => {
    const script =
      'case "$*" in *-encoders*) exec ffmpeg "$@";; esac\necho "[error] no room in here" >&2\nexit 3';
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-broken', script);
    const encoding = collect(encoderWith({ ffmpeg }).encode(speech(), { format: 'mp3', signal: never }));
    await expect(encoding).rejects.toThrow(/could not encode mp3: .*no room in here/);
  });

  it('is killed when it makes no progress', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-still', HANG);
    const encoding = collect(
      encoderWith({ ffmpeg, stallMs: 200 }).encode(speech(), { format: 'mp3', signal: never }),
    );
    await expect(encoding).rejects.toMatchObject({ status: 503, code: 'encoder_unavailable' });
    for (const { pid } of await ffmpeg.starts()) expect(isRunning(pid)).toBe(false);
  });

  it('is not started when too many run: the call gets 429 and its source is closed', async () => {
    const busy = encoderWith({ maxConcurrent: 1 });
    const running = busy.encode(endlessSpeech().chunks, { format: 'mp3', signal: never });
    const first = running[Symbol.asyncIterator]();
    await first.next();
    const rejected = endlessSpeech();
    await expect(
      collect(busy.encode(rejected.chunks, { format: 'mp3', signal: never })),
    ).rejects.toMatchObject({ status: 429 });
    await until(() => rejected.ended, 'the speech of the rejected call to end');
    await first.return?.();
    expect((await collect(busy.encode(speech(), { format: 'mp3', signal: never }))).length).toBeGreaterThan(
      1000,
    );
  });

  it('causes 503 when it is missing, but not for wav', async () => {
    const without = encoderWith({ ffmpeg: { path: path.join(folder, 'no-such-ffmpeg') } });
    await expect(without.checkFormat('mp3')).rejects.toMatchObject({
      status: 503,
      code: 'encoder_unavailable',
    });
    await expect(collect(without.encode(speech(), { format: 'aac', signal: never }))).rejects.toMatchObject({
      status: 503,
    });
    await without.checkFormat('wav');
    expect(
      (await collect(without.encode(speech(), { format: 'wav', signal: never }))).length,
    ).toBeGreaterThan(1000);
  });

  it('causes 400 for a format whose encoder it lacks', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-small', 'echo " A....D flac                 FLAC"');
    const small = encoderWith({ ffmpeg });
    await small.checkFormat('flac');
    const refusal = { status: 400, param: 'format', code: 'unsupported_format' };
    await expect(small.checkFormat('mp3')).rejects.toMatchObject(refusal);
    await expect(collect(small.encode(speech(), { format: 'opus', signal: never }))).rejects.toMatchObject(
      refusal,
    );
    expect(await ffmpeg.starts()).toHaveLength(1);
  });

  it('does not start for speech that fails before its first chunk', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-idle', RUN_FFMPEG);
    const failure = new Error('no voice today');
    // eslint-disable-next-line require-yield -- fails before it yields
    async function* failing(): AsyncGenerator<AudioChunk, void, undefined> {
      await new Promise((resolve) => setImmediate(resolve));
      throw failure;
    }
    await expect(
      collect(encoderWith({ ffmpeg }).encode(failing(), { format: 'mp3', signal: never })),
    ).rejects.toBe(failure);
    expect((await ffmpeg.starts()).map(({ args }) => args.includes('-encoders'))).toEqual([true]);
  });
});
