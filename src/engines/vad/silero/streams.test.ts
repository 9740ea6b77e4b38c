import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/support/until.js';
import type { InferenceEngine } from '../../../inference/inference-engine.js';
import { unavailable } from '../../../lib/errors.js';
import { VAD_FRAME } from '../voice-activity.js';
import type { VoiceVerdict } from '../voice-activity-stream.js';
import type { SileroBatchJob, SileroBatchResult } from './protocol.js';
import { SileroStreams } from './streams.js';

/** Answers each job: the probability is the frame's first sample, and the state counts the frames seen. */
class ScriptedEngine {
  readonly jobs: SileroBatchJob[] = [];
  /** Thrown by the next jobs, one each. */
  readonly failures: Error[] = [];

  async load(): Promise<void> {}

  async run(job: SileroBatchJob): Promise<SileroBatchResult> {
    this.jobs.push(structuredClone(job));
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure) throw failure;
    return job.streams.map(({ state, frames }) => {
      const probabilities = Float32Array.from({ length: frames.length / VAD_FRAME }, (_, frame) =>
        Math.fround(frames[frame * VAD_FRAME]!),
      );
      const recurrent = state.recurrent.slice();
      recurrent[0]! += probabilities.length;
      return { probabilities, state: { recurrent, context: state.context } };
    });
  }
}

class Listener {
  readonly heard: VoiceVerdict[] = [];
  readonly failures: unknown[] = [];
  verdicts(verdicts: readonly VoiceVerdict[]): void {
    this.heard.push(...verdicts);
  }
  failed(error: unknown): void {
    this.failures.push(error);
  }
}

function start() {
  const engine = new ScriptedEngine();
  return { engine, streams: new SileroStreams(engine as unknown as InferenceEngine) };
}

/** Frame `index` begins with the value `index / 1000`. */
function frames(count: number): Float32Array {
  return Float32Array.from({ length: count * VAD_FRAME }, (_, at) =>
    at % VAD_FRAME === 0 ? at / VAD_FRAME / 1_000 : 0,
  );
}

describe('live voice activity', () => {
  it('gives each frame one verdict, in order, for any way to cut the audio', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 30 }), async (cuts) => {
        const { streams } = start();
        const listener = new Listener();
        const stream = streams.open(listener);
        const audio = frames(40);
        let at = 0;
        for (const cut of [...cuts, audio.length]) {
          stream.push(audio.subarray(at, at + cut));
          at += cut;
          if (cut % 2 === 0) await Promise.resolve();
        }
        await until(() => listener.heard.length === 40, 'forty verdicts');
        listener.heard.forEach(({ probability, sampleIndex }, frame) => {
          expect(sampleIndex).toBe(frame * VAD_FRAME);
          expect(probability).toBeCloseTo(frame / 1_000, 6);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('sends the waiting frames of all sessions in one job, each with its state', async () => {
    const { engine, streams } = start();
    const listeners = [new Listener(), new Listener()];
    const opened = listeners.map((listener) => streams.open(listener));
    for (let round = 0; round < 3; round++) {
      for (const stream of opened) stream.push(frames(1));
      await until(() => listeners.every(({ heard }) => heard.length === round + 1), 'the verdicts');
    }
    const last = engine.jobs.at(-1)!;
    expect(last.streams).toHaveLength(2);
    expect(last.streams.map(({ state }) => state.recurrent[0])).toEqual([2, 2]);
  });

  it('sends the frames again with the same state when the process dies, without losing a frame', async () => {
    const { engine, streams } = start();
    const listener = new Listener();
    const stream = streams.open(listener);
    stream.push(frames(2));
    await until(() => listener.heard.length === 2, 'the first verdicts');
    engine.failures.push(unavailable('The process died.', 100));
    stream.push(frames(1));
    await until(() => listener.heard.length === 3, 'the verdict after the crash');
    expect(engine.jobs.slice(-2).map(({ streams: [only] }) => only!.state.recurrent[0])).toEqual([2, 2]);
    expect(listener.failures).toEqual([]);
  });

  it('reports a second failure of the detector to its listener only', async () => {
    const { engine, streams } = start();
    const listener = new Listener();
    const stream = streams.open(listener);
    const failure = unavailable('There is no model.', 100);
    engine.failures.push(failure, failure);
    stream.push(frames(1));
    await until(() => listener.failures.length > 0, 'the failure');
    stream.push(frames(1));
    expect(listener.failures).toEqual([failure]);
    const other = new Listener();
    streams.open(other).push(frames(1));
    await until(() => other.heard.length === 1, 'a verdict of another stream');
    expect(listener.heard).toEqual([]);
  });

  it('does not call a listener whose stream is closed', async () => {
    const { engine, streams } = start();
    const listener = new Listener();
    const stream = streams.open(listener);
    stream.push(frames(1));
    stream.close();
    stream.push(frames(1));
    const other = new Listener();
    streams.open(other).push(frames(1));
    await until(() => other.heard.length === 1, 'a verdict of another stream');
    expect(listener.heard).toEqual([]);
    expect(engine.jobs.length).toBeLessThanOrEqual(2);
  });

  it('processes a long backlog in pieces, so that other sessions get their turn', async () => {
    const { engine, streams } = start();
    const [slow, quick] = [new Listener(), new Listener()];
    streams.open(slow).push(frames(60));
    streams.open(quick).push(frames(1));
    await until(() => slow.heard.length === 60 && quick.heard.length === 1, 'all verdicts');
    const first = engine.jobs[0]!;
    expect(first.streams.map((stream) => stream.frames.length / VAD_FRAME).sort()).toEqual([1, 16]);
  });

  it('ends its work when it is closed', async () => {
    const { streams } = start();
    const listener = new Listener();
    streams.open(listener).push(frames(1));
    await streams.close();
    expect(listener.heard).toEqual([]);
    expect(listener.failures).toEqual([]);
  });
});
