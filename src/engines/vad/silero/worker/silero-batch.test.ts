import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VAD_FRAME } from '../../voice-activity.js';
import type { SileroState } from '../protocol.js';
import { startState } from '../start-state.js';
import { SileroVoiceActivity } from './silero.js';
import { judgeBatch } from './silero-batch.js';
import { openSilero } from './silero-session.js';

const MODEL = createRequire(import.meta.url).resolve('@ricky0123/vad-web/dist/silero_vad_v5.onnx');
const SAMPLE = path.resolve(import.meta.dirname, '../../../../../test/fixtures/speech-sample.wav');
const WAV_HEADER = 44;
const never = new AbortController().signal;

/** A few seconds of real speech at 16 kHz. */
function speech(): Float32Array {
  const bytes = readFileSync(SAMPLE).subarray(WAV_HEADER);
  const samples = Float32Array.from(
    { length: Math.floor(bytes.length / 2) },
    (_, index) => bytes.readInt16LE(index * 2) / 32_768,
  );
  return samples.subarray(0, Math.floor(samples.length / VAD_FRAME) * VAD_FRAME);
}

let session: InferenceSession;
let whole: Float32Array;

beforeAll(async () => {
  session = await openSilero(MODEL);
  const detector = await SileroVoiceActivity.load(MODEL);
  whole = await detector.probabilities(speech(), never);
  await detector.close();
});
afterAll(() => session.release());

/** Processes the recording in pieces and keeps only the state that the previous job returned. */
async function inPieces(framesPerPiece: number): Promise<number[]> {
  const audio = speech();
  const probabilities: number[] = [];
  let state: SileroState = startState();
  for (let start = 0; start < audio.length; start += framesPerPiece * VAD_FRAME) {
    const frames = audio.subarray(start, start + framesPerPiece * VAD_FRAME);
    const [result] = await judgeBatch(
      session,
      { streams: [{ state: structuredClone(state), frames }] },
      never,
    );
    probabilities.push(...result!.probabilities);
    state = result!.state;
  }
  return probabilities;
}

describe('Silero on live streams', () => {
  it('hears speech in the sample', () => {
    expect(Math.max(...whole)).toBeGreaterThan(0.9);
  });

  it.each([1, 3, 16])(
    'gives the same verdicts in pieces of %i frames as on the whole recording',
    async (frames) => {
      const pieces = await inPieces(frames);
      expect(pieces).toHaveLength(whole.length);
      pieces.forEach((probability, frame) => expect(probability).toBeCloseTo(whole[frame]!, 4));
    },
  );

  it('gives the same verdicts for streams of different lengths in one batch as for each alone', async () => {
    const audio = speech();
    const silence = new Float32Array(2 * VAD_FRAME);
    const short = audio.subarray(0, 5 * VAD_FRAME);
    const results = await judgeBatch(
      session,
      { streams: [audio, silence, short].map((frames) => ({ state: startState(), frames })) },
      never,
    );
    expect(results.map(({ probabilities }) => probabilities.length)).toEqual([whole.length, 2, 5]);
    results[0]!.probabilities.forEach((probability, frame) =>
      expect(probability).toBeCloseTo(whole[frame]!, 4),
    );
    results[2]!.probabilities.forEach((probability, frame) =>
      expect(probability).toBeCloseTo(whole[frame]!, 4),
    );
    expect(results[1]!.probabilities[1]).toBeLessThan(0.1);
  });

  it('stops between two frames when its caller leaves', async () => {
    const controller = new AbortController();
    const judging = judgeBatch(
      session,
      { streams: [{ state: startState(), frames: speech() }] },
      controller.signal,
    );
    controller.abort(new Error('left'));
    await expect(judging).rejects.toThrow('left');
  });
});
