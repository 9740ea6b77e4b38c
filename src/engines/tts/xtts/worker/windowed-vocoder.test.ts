import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import { openGraph } from './graph-session.js';
import { readModelFolder } from './model-folder.js';
import { parseNpy } from './npy.js';
import { CUDA_RUN_FRAMES, LATENT_ROWS, openOverFrames, openVocoder, runsOver, Vocoder } from './vocoder.js';
import { overImages } from './vocoder-images.js';
import { WindowedVocoder } from './windowed-vocoder.js';

/** A graph whose windows do not begin in phase. All samples of its n-th window are n. */
function outOfPhase(): Vocoder {
  let windows = 0;
  const samplesBefore = (row: number): number => row * 256;
  const vocoder = {
    width: 1,
    stretches: [],
    context: 2,
    inPhase: false,
    samplesBefore,
    windowOffset: samplesBefore,
    windowStart: (latest: number) => latest,
    windowFrom: (needed: number) => needed,
    run: (rows: Float32Array) =>
      Promise.resolve(new Float32Array(samplesBefore(rows.length)).fill(windows++)),
  };
  return vocoder as unknown as Vocoder;
}

describe('windows that do not begin in phase', () => {
  it('are cross-faded over 64 samples', async () => {
    const sound = new WindowedVocoder(outOfPhase(), new Float32Array(1), 1);
    const first = await sound.push(new Float32Array(8));
    expect(first).toEqual(new Float32Array(6 * 256));
    const second = await sound.finish(new Float32Array(3));
    expect(second).toHaveLength(5 * 256);
    expect([0, 31, 32, 63, 64].map((at) => second[at])).toEqual(
      [0.5, 31.5, 32.5, 63.5, 64].map((at) => at / 64),
    );
  });
});

it('runs of fixed length cover every row once, with context at inner edges', () => {
  for (let count = 0; count < 300; count++) {
    const runs = runsOver(count, 64, 10);
    let next = 0;
    for (const { from, begin, end } of runs) {
      expect(begin).toBe(next);
      expect(end).toBeGreaterThan(begin);
      if (begin > 0) expect(begin - from).toBeGreaterThanOrEqual(10);
      if (end < count) expect(from + 64 - end).toBeGreaterThanOrEqual(10);
      if (count >= 64) expect(from + 64).toBeLessThanOrEqual(count);
      next = end;
    }
    expect(next).toBe(count);
  }
});

const settings = {
  directory: TINY_MODEL,
  precision: 'fp32',
  device: 'cpu',
  threads: 1,
  language: 'ar',
} as const;
const array = async (name: string): Promise<Float32Array> =>
  parseNpy(await readFile(path.join(TINY_MODEL, 'expected', `${name}.npy`))).data;

describe('WindowedVocoder', () => {
  let vocoder: Vocoder;
  /** The published graph, which contains the interpolation. */
  let published: Vocoder;
  let embedding: Float32Array;
  let latents: Float32Array;
  let waveform: Float32Array;
  const width = 128;

  beforeAll(async () => {
    const folder = await readModelFolder(settings);
    vocoder = await openVocoder(settings, folder, 512);
    published = new Vocoder(await openGraph(settings, folder.graphs.hifigan_vocoder), width, LATENT_ROWS);
    [embedding, latents, waveform] = [
      await array('speaker_embedding'),
      await array('latents_0'),
      await array('waveform_0'),
    ];
  });
  afterAll(async () => {
    await vocoder.release();
    await published.release();
  });

  async function inWindows(
    used: Vocoder,
    rows: Float32Array,
    sizes: number[],
    speed = 1,
  ): Promise<Float32Array[]> {
    const sound = new WindowedVocoder(used, embedding, speed);
    const parts: Float32Array[] = [];
    let at = 0;
    for (const size of sizes) {
      parts.push(await sound.push(rows.subarray(at * width, (at + size) * width)));
      at += size;
    }
    return [...parts, await sound.finish(rows.subarray(at * width))];
  }

  function ratio(wanted: Float32Array, parts: Float32Array[]): number {
    const got = parts.flatMap((part) => [...part]);
    expect(got).toHaveLength(wanted.length);
    let [signal, noise] = [0, 0];
    for (const [index, value] of wanted.entries()) {
      signal += value ** 2;
      noise += (value - (got[index] ?? NaN)) ** 2;
    }
    return 10 * Math.log10(signal / noise);
  }

  it.each([[[]], [[8, 10, 20, 40]], [[1, 1, 1, 1, 1, 1, 1, 3, 50]], [[119]]])(
    'joins windows of %j latents to what Coqui makes at once',
    async (sizes) => {
      expect(ratio(waveform, await inWindows(vocoder, latents, sizes))).toBeGreaterThan(100);
    },
  );

  describe('with runs of fixed length, as on a GPU', () => {
    let fixed: Vocoder;
    const lengths = new Set<number>();

    beforeAll(async () => {
      const { session, layout } = await openOverFrames(settings, 'hifigan_vocoder.onnx', overImages);
      const run = session.run.bind(session);
      const counting = {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        release: () => session.release(),
        run: (feeds: Record<string, Tensor>) => {
          lengths.add(Object.values(feeds).find(({ dims }) => dims[2] === width)?.dims[1] ?? 0);
          return run(feeds);
        },
      } as unknown as InferenceSession;
      fixed = new Vocoder(counting, width, { ...layout, runRows: CUDA_RUN_FRAMES });
    });
    afterAll(async () => fixed.release());

    it.each([[[]], [[8, 11, 22, 34, 43]], [[1, 1, 1, 1, 1, 1, 1, 3, 50]], [[117]], [[119]]])(
      'joins windows of %j latents to what Coqui makes at once',
      async (sizes) => {
        lengths.clear();
        expect(ratio(waveform, await inWindows(fixed, latents, sizes))).toBeGreaterThan(100);
        expect([...lengths]).toEqual([CUDA_RUN_FRAMES]);
      },
    );

    it('follows a speed', async () => {
      const [once = new Float32Array(0)] = await inWindows(vocoder, latents, [], 1.3);
      expect(ratio(once, await inWindows(fixed, latents, [8, 11, 22, 34], 1.3))).toBeGreaterThan(100);
    });

    it('vocodes an utterance shorter than a run exactly, except for the context at its end', async () => {
      const few = latents.subarray(0, 9 * width);
      const [wanted = new Float32Array(0)] = await inWindows(vocoder, few, []);
      const [got = new Float32Array(0)] = await inWindows(fixed, few, []);
      expect(got).toHaveLength(wanted.length);
      const exact = fixed.exactSamples(wanted.length);
      expect(exact).toBe(wanted.length - fixed.context * 256);
      expect(fixed.exactSamples(waveform.length)).toBe(waveform.length);
      expect(ratio(wanted.subarray(0, exact), [got.subarray(0, exact)])).toBeGreaterThan(100);
    });
  });

  it('gives the same audio with and without images of height 1', async () => {
    const { session, layout } = await openOverFrames(settings, 'hifigan_vocoder.onnx', (model) => model);
    const overLines = new Vocoder(session, width, layout);
    expect(ratio(waveform, await inWindows(overLines, latents, [8, 10, 20, 40]))).toBeGreaterThan(100);
    await overLines.release();
    const images = await openOverFrames(settings, 'hifigan_vocoder.onnx', overImages);
    await images.session.release();
  });

  it('joins windows of a graph that contains the interpolation without an audible seam', async () => {
    const parts = await inWindows(published, latents, [12, 9, 17, 14, 17]);
    expect(ratio(waveform, parts)).toBeGreaterThan(40);
  });

  it.each([0.7, 1.3])('applies speed %d at the positions of the whole utterance', async (speed) => {
    const [once] = await inWindows(vocoder, latents, [], speed);
    const frames = Math.floor(Math.floor(Math.floor(120 / speed) * 4) * (24_000 / 22_050));
    expect(once).toHaveLength(frames * 256);
    expect(
      ratio(once as Float32Array, await inWindows(vocoder, latents, [8, 10, 20, 40], speed)),
    ).toBeGreaterThan(100);
  });

  it('runs at most 1.15 times the frames of one pass over 160 latents', async () => {
    const long = Float32Array.from([...latents, ...latents.subarray(0, 40 * width)]);
    vocoder.rowsRun = 0;
    await inWindows(vocoder, long, []);
    const once = vocoder.rowsRun;
    vocoder.rowsRun = 0;
    const parts = await inWindows(vocoder, long, [8, 10, 20, 40, 64]);
    expect(vocoder.rowsRun / once).toBeLessThanOrEqual(1.15);
    expect(parts[0]?.length).toBeLessThan(0.3 * 24_000);
  });
});
