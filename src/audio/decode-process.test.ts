import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testDecoder } from '../../test/support/test-decoder.js';
import {
  HANG,
  RUN_FFMPEG,
  encodeWav,
  fakeProgram,
  isRunning,
  recordTone,
  temporaryFolder,
  tone,
  type FakeProgram,
} from './fake-recordings.js';

const never = new AbortController().signal;

let folder = '';
let file = '';
let hanging: FakeProgram;
beforeAll(async () => {
  folder = await temporaryFolder();
  file = await recordTone(folder, ['-c:a', 'flac', '-f', 'flac']);
  hanging = await fakeProgram(folder, 'ffmpeg-hang', HANG);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the process behind decode', () => {
  it('is started once per recording, and not for a plain WAV', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-counted', RUN_FFMPEG);
    const decoder = testDecoder({ ffmpeg });
    const plain = path.join(folder, 'plain.wav');
    await writeFile(plain, encodeWav(tone(1, 16_000), 16_000));
    await decoder.decode(file, never);
    await decoder.decode(file, never);
    await decoder.decode(plain, never);
    expect((await ffmpeg.starts()).map(({ args }) => args.includes('-f flac'))).toEqual([true, true]);
  });

  it('gets only the environment that it is given', async () => {
    const spy = await fakeProgram(folder, 'ffmpeg-env', `env > "${folder}/env"\n${RUN_FFMPEG}`);
    const environment = { PATH: process.env['PATH'] ?? '' };
    vi.stubEnv('SECRET_KEY', 'sesame');
    try {
      await testDecoder({ ffmpeg: { path: spy.path, environment } }).decode(file, never);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readFile(path.join(folder, 'env'), 'utf8')).not.toContain('sesame');
  });

  it('has exited when an aborted call returns', async () => {
    const controller = new AbortController();
    const reason = new Error('the caller hung up');
    const settled = expect(testDecoder({ ffmpeg: hanging }).decode(file, controller.signal)).rejects.toBe(
      reason,
    );
    const [start] = await vi.waitFor(async () => {
      const starts = await hanging.starts();
      expect(starts).toHaveLength(1);
      return starts;
    });
    expect(isRunning(start?.pid ?? 0)).toBe(true);
    controller.abort(reason);
    await settled;
    expect(isRunning(start?.pid ?? 0)).toBe(false);
  });

  it('is killed after its timeout', async () => {
    const failure = {
      status: 400,
      code: 'invalid_audio',
      message: expect.stringMatching(/within 0.2 s/) as string,
    };
    await expect(testDecoder({ ffmpeg: hanging, timeoutMs: 200 }).decode(file, never)).rejects.toMatchObject(
      failure,
    );
    for (const { pid } of await hanging.starts()) expect(isRunning(pid)).toBe(false);
  });

  it('is killed as soon as it has written more than the limit, whatever length the file states', async () => {
    const script =
      'echo "[info]   Duration: 00:00:01.00, start: 0.000000, bitrate: 64 kb/s" >&2\nexec cat /dev/zero';
    const endless = await fakeProgram(folder, 'ffmpeg-endless', script);
    await expect(testDecoder({ ffmpeg: endless }).decode(file, never)).rejects.toMatchObject({ status: 413 });
    for (const { pid } of await endless.starts()) expect(isRunning(pid)).toBe(false);
  }, 10_000);

  it('has a bounded number of waiting calls', async () => {
    const busy = testDecoder({ ffmpeg: hanging, maxConcurrent: 1, maxWaiting: 1 });
    const controller = new AbortController();
    const calls = [1, 2, 3].map(() => busy.decode(file, controller.signal));
    const refusal = { status: 429, code: 'overloaded', retryAfterMs: 1000 };
    await expect(Promise.race(calls)).rejects.toMatchObject(refusal);
    controller.abort();
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });

  it('fails only the call when it cannot start', async () => {
    const missing = testDecoder({ ffmpeg: { path: path.join(folder, 'no-such-ffmpeg') } });
    await expect(missing.decode(file, never)).rejects.toMatchObject({
      status: 503,
      code: 'decoder_unavailable',
    });
  });

  it('loses only the rest of the recording when it crashes', async () => {
    // One second of two channels.
    const crash = await fakeProgram(folder, 'ffmpeg-crash', 'head -c 128000 /dev/zero\nkill -SEGV $$');
    const decoded = await testDecoder({ ffmpeg: crash }).decode(file, never);
    expect(decoded.seconds).toBe(1);
    expect(decoded.warnings).toEqual([expect.stringMatching(/damaged or cut off: 1.0 s/)]);
  });

  it('may log without limit', async () => {
    const chatty = await fakeProgram(
      folder,
      'ffmpeg-chatty',
      'yes "[error] nonsense" | head -c 8000000 >&2\nexit 1',
    );
    await expect(testDecoder({ ffmpeg: chatty }).decode(file, never)).rejects.toMatchObject({
      code: 'invalid_audio',
    });
  });

  it('leaves no files behind', async () => {
    const own = path.join(folder, 'own');
    await mkdir(own);
    const recording = await recordTone(own, ['-c:a', 'aac', '-f', 'ipod']);
    const openFiles = async () => (await readdir('/proc/self/fd').catch(() => [])).length;
    const before = await openFiles();
    await testDecoder().decode(recording, never);
    await expect(testDecoder({ maxSeconds: 1 }).decode(recording, never)).rejects.toMatchObject({
      status: 413,
    });
    expect(await readdir(own)).toEqual([path.basename(recording)]);
    expect(await openFiles()).toBe(before);
  });
});
