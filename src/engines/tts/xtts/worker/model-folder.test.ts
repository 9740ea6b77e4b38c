import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyTinyModel, TINY_MODEL, type ModelCopy } from '../fake-model-folder.js';
import type { XttsOptions } from '../protocol.js';
import { loadXtts } from './load-xtts.js';

const read = (file: string): Promise<Buffer> => readFile(path.join(TINY_MODEL, file));

describe('loadXtts', () => {
  let copy: ModelCopy;
  const options = (): XttsOptions => ({
    directory: copy.directory,
    precision: 'auto',
    device: 'cpu',
    threads: 1,
    language: 'ar',
  });
  const metadata = async (change: Record<string, unknown>): Promise<string> =>
    JSON.stringify({ ...(JSON.parse(String(await read('metadata.json'))) as object), ...change });

  beforeEach(async () => {
    copy = await copyTinyModel();
  });
  afterEach(() => copy.remove());

  it.each([
    'metadata.json',
    'vocab.json',
    'mel_stats.npy',
    'gpt_model_int8.onnx',
    'conditioning_encoder.onnx',
    'speaker_encoder.onnx',
    'hifigan_vocoder.onnx',
  ])('names %s when it is missing, empty or truncated', async (file) => {
    const whole = await read(file);
    for (const content of [null, '', whole.subarray(0, whole.length / 2)]) {
      await copy.replace(file, content);
      await expect(loadXtts(options())).rejects.toThrow(file);
    }
  });

  it.each([
    ['metadata.json', { embed_dim: 0 }],
    ['metadata.json', { files: { vocab: '../../secret' } }],
    ['metadata.json', { start_audio_token: 5000 }],
    ['embeddings/', { embed_dim: 256 }],
    ['gpt_model_int8.onnx', { n_layer: 4 }],
    ['gpt_model_int8.onnx', { num_heads: 4 }],
    ['conditioning_encoder.onnx', { perceiver_output_len: 16 }],
  ])('names %s when metadata.json contains %j', async (file, change) => {
    await copy.replace('metadata.json', await metadata(change));
    await expect(loadXtts(options())).rejects.toThrow(file);
  });

  it('names the graph when two graphs are exchanged', async () => {
    await copy.replace('hifigan_vocoder.onnx', await read('speaker_encoder.onnx'));
    await expect(loadXtts(options())).rejects.toThrow('hifigan_vocoder.onnx');
  });

  it('names vocab.json when it belongs to another model or language', async () => {
    const vocabulary = JSON.parse(String(await read('vocab.json'))) as { added_tokens: object[] };
    await copy.replace(
      'vocab.json',
      JSON.stringify({
        ...vocabulary,
        added_tokens: [...vocabulary.added_tokens, { content: '[xx]', id: 9000 }],
      }),
    );
    await expect(loadXtts(options())).rejects.toThrow('vocab.json cannot be used: it goes up to id 9000');
    await copy.replace('vocab.json', JSON.stringify(vocabulary));
    await expect(loadXtts({ ...options(), language: 'xx' })).rejects.toThrow(
      'vocab.json cannot be used: it has no token [xx]',
    );
  });

  it('names speakers.json when it is broken or refers to files outside the folder', async () => {
    for (const content of [
      '{',
      '{"Nour":{}}',
      '{"Nour":{"conditioning":"/etc/passwd","speaker_embedding":"a"}}',
    ]) {
      await copy.replace('speakers.json', content);
      await expect(loadXtts(options())).rejects.toThrow('speakers.json');
    }
  });

  it('loads a whole folder, in both precisions and without built-in voices', async () => {
    await copy.replace('speakers.json', null);
    for (const precision of ['int8', 'fp32'] as const)
      await (await loadXtts({ ...options(), precision })).close();
  });
});
