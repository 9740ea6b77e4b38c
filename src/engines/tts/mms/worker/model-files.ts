import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../../../lib/errors.js';
import type { MmsOptions } from '../protocol.js';

const GRAPHS: Readonly<Record<MmsOptions['variant'], string>> = {
  fp32: 'onnx/model.onnx',
  q8: 'onnx/model_quantized.onnx',
};
/** The tokenizer's own tokens for a blank and an unknown character. No text may contain them. */
const MARKS = ['_', '<unk>'];

export interface MmsFiles {
  graph: string;
  sampleRate: number;
  vocabulary: ReadonlySet<string>;
}

/** Checks the files before the library loads them, because the library's errors do not name the broken file. */
export async function checkModelFiles({ directory, variant }: MmsOptions): Promise<MmsFiles> {
  const config = await readJson(directory, 'config.json');
  if (config['model_type'] !== 'vits') throw new Error('config.json does not describe a VITS model');
  const sampleRate = config['sampling_rate'];
  if (typeof sampleRate !== 'number' || !(sampleRate > 0))
    throw new Error('config.json has no sampling_rate');
  await readJson(directory, 'tokenizer_config.json');
  const model = (await readJson(directory, 'tokenizer.json'))['model'];
  const entries = isRecord(model) && isRecord(model['vocab']) ? Object.keys(model['vocab']) : [];
  const vocabulary = new Set(entries.filter((entry) => !MARKS.includes(entry)));
  if (vocabulary.size === 0) throw new Error('tokenizer.json has no vocabulary');
  return { graph: GRAPHS[variant], sampleRate, vocabulary };
}

async function readJson(directory: string, file: string): Promise<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path.join(directory, file), 'utf8'));
    if (isRecord(parsed)) return parsed;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw new Error(`${file} is not a JSON object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
