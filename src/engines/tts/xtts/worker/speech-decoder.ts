import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { withNewKeysOnly } from './decoder-graph.js';
import { floatTensor, namingGraph, openGraph, type SessionSettings } from './graph-session.js';
import { PaddedCache, ReturnedCache, type KeyValueCache } from './key-value-cache.js';
import type { ModelFolder, ModelShape } from './model-folder.js';
import type { Prompt } from './prompt.js';
import { VoicePrefixes } from './voice-prefixes.js';

/** Positions by which the padded cache grows: each costs a little attention to nothing, each growth a move of the whole. */
const CACHE_BLOCK = 32;
/** Relative difference that padding may make in a check: rounding does 1e-6, attention to what the mask hides far more. */
const PADDING_TOLERANCE = 1e-3;
const KEPT_VOICES = 4;

type DecoderSession = Pick<InferenceSession, 'run' | 'release'>;

export interface DecoderStep {
  /** Scores of the next audio token. */
  logits: Float32Array;
  /** What the vocoder takes for that token. */
  latent: Float32Array;
}

/** The GPT of XTTS over one text at a time: rows of embeddings in, one step out per call. */
export class SpeechDecoder {
  readonly #session: DecoderSession;
  readonly #shape: ModelShape;
  readonly #cache: KeyValueCache;
  readonly #voices = new VoicePrefixes(KEPT_VOICES);

  constructor(session: DecoderSession, shape: ModelShape, cache: KeyValueCache) {
    this.#session = session;
    this.#shape = shape;
    this.#cache = cache;
  }

  /**
   * Starts a text. The voice always runs by itself: quantised graphs scale their activations by what runs together, and
   * a voice that is remembered must give the same numbers as one that is new.
   */
  async begin({ voice, text }: Prompt): Promise<DecoderStep> {
    this.#cache.clear();
    const known = this.#voices.find(voice);
    if (known) this.#cache.store(known, voice.length / this.#shape.width);
    else this.#voices.keep(voice, await this.#run(voice));
    return this.next(text);
  }

  /** Goes on with one or more rows of `width` numbers; the step belongs to the last of them. */
  async next(rows: Float32Array): Promise<DecoderStep> {
    const { width, audioTokens } = this.#shape;
    const count = rows.length / width;
    const outputs = await this.#run(rows);
    const lastRow = (name: string, size: number): Float32Array =>
      (outputs[name]?.data as Float32Array).slice((count - 1) * size, count * size);
    return { logits: lastRow('logits', audioTokens), latent: lastRow('hidden_states', width) };
  }

  async #run(rows: Float32Array): Promise<Record<string, Tensor>> {
    const { width } = this.#shape;
    return runDecoder(this.#session, rows, width, this.#cache, rows.length / width);
  }

  /** Gives the memory of the last text back. */
  forget(): void {
    this.#cache.release();
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Opens the decoder, edited so that little is copied per step where its graph allows, and tries it out. */
export async function openDecoder(settings: SessionSettings, folder: ModelFolder): Promise<SpeechDecoder> {
  const { shape, graphs } = folder;
  const file = graphs.gpt_model;
  const session = await openGraph(settings, file, withNewKeysOnly).catch(() => openGraph(settings, file));
  try {
    const cache = await namingGraph(file, () => suitableCache(session, shape));
    return new SpeechDecoder(session, shape, cache);
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Two small steps show whether the decoder's outputs fit the metadata, hold the new positions only, and respect the mask. */
async function suitableCache(session: DecoderSession, shape: ModelShape): Promise<KeyValueCache> {
  const { width, layers, heads, headWidth, audioTokens } = shape;
  const rows = Float32Array.from({ length: 3 * width }, (_, index) => Math.sin(index));
  const step = async (cache: KeyValueCache, from: number, to: number): Promise<Record<string, Tensor>> =>
    runDecoder(session, rows.subarray(from * width, to * width), width, cache, to - from);

  // Before anything is cached the new positions are all positions, so this cache serves both kinds for two steps.
  const unpadded = new ReturnedCache(shape);
  const start = await step(unpadded, 0, 2);
  checkDims(start, 'logits', [1, 2, audioTokens]);
  checkDims(start, 'hidden_states', [1, 2, width]);
  checkDims(start, `present_value_${layers - 1}`, [1, heads, 2, headWidth]);
  const exact = await step(unpadded, 2, 3);
  if (exact['present_key_0']?.dims[2] !== 1) return new ReturnedCache(shape);

  const padded = new PaddedCache(shape, CACHE_BLOCK);
  await step(padded, 0, 2);
  const masked = await step(padded, 2, 3);
  return differs(exact['hidden_states'], masked['hidden_states']) ? new PaddedCache(shape, 1) : padded;
}

async function runDecoder(
  session: DecoderSession,
  rows: Float32Array,
  width: number,
  cache: KeyValueCache,
  count: number,
): Promise<Record<string, Tensor>> {
  const inputs = { inputs_embeds: floatTensor(rows, [1, count, width]), ...cache.feeds(count) };
  const outputs = (await session.run(inputs)) as Record<string, Tensor>;
  cache.store(outputs, count);
  return outputs;
}

function checkDims(outputs: Record<string, Tensor>, name: string, dims: number[]): void {
  const got = outputs[name]?.dims;
  if (got?.join() === dims.join()) return;
  throw new Error(
    `its output ${name} is ${got?.join(' x ') ?? 'missing'} where metadata.json asks for ${dims.join(' x ')}`,
  );
}

function differs(one: Tensor | undefined, other: Tensor | undefined): boolean {
  const a = one?.data as Float32Array;
  const b = other?.data as Float32Array;
  const scale = a.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  return a.some((value, index) => !(Math.abs(value - (b[index] ?? 0)) <= PADDING_TOLERANCE * scale));
}
