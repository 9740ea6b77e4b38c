import { PassThrough } from 'node:stream';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeProgram, RUN_FFMPEG, temporaryFolder } from './fake-recordings.js';
import { listEncoders, startFfmpeg } from './ffmpeg.js';

const never = new AbortController().signal;
let folder = '';
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('startFfmpeg', () => {
  const job = { inputOptions: ['-f', 's16le'], outputOptions: ['-f', 'wav'], signal: never };

  it('starts no process when it is killed first', async () => {
    const ffmpeg = await fakeProgram(folder, 'ffmpeg-stopped', RUN_FFMPEG);
    const run = await startFfmpeg(ffmpeg, { ...job, input: new PassThrough() });
    run.kill();
    for await (const _ of run.output) expect.fail('it said something');
    expect(await run.ended).toMatchObject({ exitCode: null, failure: expect.any(Error) as Error });
    expect(await ffmpeg.starts()).toEqual([]);
  });

  it('rejects at once for a caller who has left', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(
      startFfmpeg({ path: 'ffmpeg' }, { ...job, input: new PassThrough(), signal }),
    ).rejects.toThrow('gone');
  });
});

describe('listEncoders', () => {
  it('names them', async () => {
    expect(await listEncoders({ path: 'ffmpeg' })).toContain('pcm_s16le');
  });
});
