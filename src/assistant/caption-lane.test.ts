import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Deferred } from '../lib/deferred.js';
import { FakeSpeechToText } from '../engines/stt/fake-speech-to-text.js';
import { CaptionLane, withCaptionsHeld } from './caption-lane.js';

const never = new AbortController().signal;

describe('The caption lane', () => {
  it('runs one job at a time, in order of arrival', async () => {
    const lane = new CaptionLane();
    const jobs = [new Deferred<string>(), new Deferred<string>()];
    const started: number[] = [];
    const results = jobs.map((job, index) =>
      lane.run(() => {
        started.push(index);
        return job.promise;
      }, never),
    );
    await nextTurn();
    expect(started).toEqual([0]);
    jobs[0]!.resolve('first');
    expect(await results[0]).toBe('first');
    jobs[1]!.resolve('second');
    expect(await results[1]).toBe('second');
    expect(started).toEqual([0, 1]);
  });

  it('starts no job while any hold lasts', async () => {
    const lane = new CaptionLane();
    const [first, second] = [lane.hold(), lane.hold()];
    let started = false;
    const result = lane.run(async () => (started = true), never);
    first();
    first();
    await nextTurn();
    expect(started).toBe(false);
    second();
    expect(await result).toBe(true);
  });

  it('drops a waiting job when it is aborted', async () => {
    const lane = new CaptionLane();
    const release = lane.hold();
    const controller = new AbortController();
    const dropped = lane.run(() => Promise.reject(new Error('It must not run')), controller.signal);
    const next = lane.run(async () => 'next', never);
    controller.abort(new DOMException('over', 'AbortError'));
    await expect(dropped).rejects.toThrow('over');
    release();
    expect(await next).toBe('next');
  });

  it('continues after a failed job', async () => {
    const lane = new CaptionLane();
    await expect(lane.run(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
    expect(await lane.run(async () => 1, never)).toBe(1);
  });
});

describe('A recogniser with captions held', () => {
  it.each([
    [undefined, 1],
    ['background', 0],
    ['captions', 0],
  ] as const)('holds them for the priority %s: %i', async (priority, holds) => {
    let [held, released] = [0, 0];
    const hold = (): (() => void) => {
      held += 1;
      return () => void (released += 1);
    };
    const recogniser = withCaptionsHeld(new FakeSpeechToText({ error: new Error('broken') }), { hold });
    const options = { language: 'ar', timestamps: 'none', ...(priority && { priority }) } as const;
    await expect(recogniser.transcribe(new Float32Array(1), options, never)).rejects.toThrow('broken');
    expect([held, released]).toEqual([holds, holds]);
  });
});
