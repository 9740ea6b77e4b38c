import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import { withNewKeysOnly } from './decoder-graph.js';
import { openGraph } from './graph-session.js';
import { PaddedCache, ReturnedCache, type KeyValueCache } from './key-value-cache.js';
import { readModelFolder, type ModelFolder } from './model-folder.js';
import { SpeechDecoder } from './speech-decoder.js';

const settings = {
  directory: TINY_MODEL,
  precision: 'fp32',
  device: 'cpu',
  threads: 1,
  language: 'ar',
} as const;

describe('SpeechDecoder', () => {
  let folder: ModelFolder;
  let whole: InferenceSession;
  let newOnly: InferenceSession;

  beforeAll(async () => {
    folder = await readModelFolder(settings);
    whole = await openGraph(settings, 'gpt_model.onnx');
    newOnly = await openGraph(settings, 'gpt_model.onnx', withNewKeysOnly);
  });
  afterAll(async () => {
    await whole.release();
    await newOnly.release();
  });

  async function latents(session: InferenceSession, cache: KeyValueCache, prompt: number): Promise<number[]> {
    const decoder = new SpeechDecoder(session, folder.shape, cache);
    const rows = (count: number, seed: number): Float32Array =>
      Float32Array.from(
        { length: count * folder.shape.width },
        (_, index) => 3 * Math.sin(index * 1.7 + seed),
      );
    const steps = [await decoder.begin({ voice: rows(4, 0.5), text: rows(prompt, 0) })];
    for (let step = 1; step < 40; step++) steps.push(await decoder.next(rows(1, step)));
    return steps.flatMap(({ latent, logits }) => [...latent, ...logits]);
  }

  it('gives the same results with every kind of cache, for several texts in turn', async () => {
    const padded = new PaddedCache(folder.shape, 32);
    for (const prompt of [30, 7, 33]) {
      const wanted = await latents(whole, new ReturnedCache(folder.shape), prompt);
      for (const cache of [padded, new PaddedCache(folder.shape, 1)]) {
        const got = await latents(newOnly, cache, prompt);
        const error = wanted.reduce(
          (most, value, index) => Math.max(most, Math.abs(value - (got[index] ?? NaN))),
          0,
        );
        expect(error).toBeLessThan(1e-4);
        cache.release();
      }
    }
  });

  it('reads only the new positions from the edited graph', async () => {
    const cache = new PaddedCache(folder.shape, 32);
    await latents(newOnly, cache, 5);
    const feeds = cache.feeds(1);
    expect(feeds['past_key_0']?.dims).toEqual([1, folder.shape.heads, 64, folder.shape.headWidth]);
    expect((feeds['attention_mask']?.data as Float32Array).reduce((sum, value) => sum + value, 0)).toBe(
      4 + 5 + 39 + 1,
    );
  });

  it('runs the voice of a prompt once, and gives the same numbers for a cached voice', async () => {
    const int8 = await openGraph(settings, 'gpt_model_int8.onnx', withNewKeysOnly);
    const ran: number[] = [];
    const run = int8.run.bind(int8);
    const counting = {
      run: (feeds: Parameters<typeof run>[0]) => {
        ran.push((feeds['inputs_embeds'] as { dims: readonly number[] }).dims[1] ?? 0);
        return run(feeds);
      },
      release: () => int8.release(),
    };
    const decoder = new SpeechDecoder(counting, folder.shape, new PaddedCache(folder.shape, 32));
    const rows = (count: number, seed: number): Float32Array =>
      Float32Array.from({ length: count * folder.shape.width }, (_, index) => Math.sin(index * 1.3 + seed));

    const first = await decoder.begin({ voice: rows(32, 1), text: rows(9, 2) });
    const again = await decoder.begin({ voice: rows(32, 1), text: rows(9, 2) });
    const other = await decoder.begin({ voice: rows(32, 3), text: rows(9, 2) });

    expect(ran).toEqual([32, 9, 9, 32, 9]);
    expect(again.logits).toEqual(first.logits);
    expect(other.logits).not.toEqual(first.logits);
    await int8.release();
  });
});
