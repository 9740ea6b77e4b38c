import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SamplingSettings, XttsOptions } from '../protocol.js';
import { relativeDifference } from './array-difference.js';
import { generate } from './generate.js';
import { readModelFolder, type ModelFolder } from './model-folder.js';
import { parseNpy } from './npy.js';
import { promptOf, type Prompt } from './prompt.js';
import { tokenProbabilities } from './sampling.js';
import { sincResample } from './sinc-resample.js';
import { openDecoder, type SpeechDecoder } from './speech-decoder.js';
import { cleanText, TextTokenizer } from './text-tokenizer.js';
import { conditioningLatents, PIECE_SECONDS, speakerEmbedding } from './voice-encoder.js';
import { CONDITIONING_RATE, conditioningMel, SPEAKER_RATE, speakerMel } from './voice-spectrograms.js';
import { openVocoder, type Vocoder } from './vocoder.js';
import { WindowedVocoder } from './windowed-vocoder.js';

/** One line of a verification: the distance between a quantity and what Coqui's code computes from the same weights. */
export interface Check {
  quantity: string;
  measured: number;
  /** `at most` for relative errors, `at least` for signal-to-noise ratios. */
  bound: 'at most' | 'at least';
  limit: number;
  unit: '' | 'dB' | 'differences';
}

/** Relative to the largest magnitude of each quantity. */
const TOLERANCE = 1e-4;
const WAVEFORM_DB = 60;
const STREAMED_DB = 40;
/** Window sizes of the streamed utterance in this check, in latents. They are small, to get many seams. */
const STREAM_WINDOWS = [8, 10, 20, 40, 64];
/** Text that Coqui's cleaner rewrites and our cleaner leaves to the normaliser. */
const REWRITTEN = /[0-9%$£#@&°]/;

interface Expected {
  tokenizer: { text: string; cleaned: string; ids: number[] }[];
  greedy: { ids: number[]; audio_tokens: number[] }[];
  sampling: {
    previous: number[];
    temperature: number;
    top_k: number;
    top_p: number;
    repetition_penalty: number;
  }[];
}

export function passes({ measured, bound, limit }: Check): boolean {
  return bound === 'at most' ? measured <= limit : measured >= limit;
}

/**
 * Compares every stage of XTTS with the numbers in `expected/` of a model folder that is laid out like the fixture.
 * Yields each check when it is done. Throws when the folder cannot be loaded.
 */
export async function* verifyFolder(
  directory: string,
  device: XttsOptions['device'] = 'cpu',
): AsyncGenerator<Check, void, undefined> {
  const options: XttsOptions = { directory, precision: 'fp32', device, threads: 0, language: 'ar' };
  const verification = new Verification(options, await readModelFolder(options));
  const expected = JSON.parse(
    await readFile(path.join(directory, 'expected/expected.json'), 'utf8'),
  ) as Expected;
  yield* verification.text(expected);
  yield* verification.voice();
  yield* verification.sampling(expected);
  yield* verification.speech(expected);
}

class Verification {
  readonly #options: XttsOptions;
  readonly #folder: ModelFolder;

  constructor(options: XttsOptions, folder: ModelFolder) {
    this.#options = options;
    this.#folder = folder;
  }

  *text({ tokenizer: texts }: Expected): Generator<Check> {
    const tokenizer = new TextTokenizer(this.#folder.vocabulary);
    const plain = texts.filter(({ text }) => !REWRITTEN.test(text));
    yield differences(
      'cleaned text',
      plain.filter(({ text, cleaned }) => cleanText(text) !== cleaned).length,
    );
    yield differences(
      'token ids',
      texts.filter(({ cleaned, ids }) => tokenizer.encode(cleaned).join() !== ids.join()).length,
    );
  }

  async *voice(): AsyncGenerator<Check> {
    const [options, folder] = [this.#options, this.#folder];
    const reference = await this.#array('reference_22050');
    const resampled = await this.#array('reference_16000');
    yield error('resampling', sincResample(reference, CONDITIONING_RATE, SPEAKER_RATE), resampled);
    const piece = reference.subarray(0, PIECE_SECONDS * CONDITIONING_RATE);
    yield error(
      'conditioning mel',
      conditioningMel(piece, folder.melDivisors),
      await this.#array('conditioning_mel'),
    );
    yield error('speaker mel', speakerMel(resampled), await this.#array('speaker_mel'));
    const short = await conditioningLatents(options, folder, [reference], PIECE_SECONDS);
    yield error('conditioning latents, 6 s', short, await this.#array('cond_latents'));
    const long = await conditioningLatents(options, folder, [reference]);
    yield error('conditioning latents, 30 s', long, await this.#array('cond_latents_30s'));
    const embedding = await speakerEmbedding(options, folder, [reference]);
    yield error('speaker embedding', embedding, await this.#array('speaker_embedding'));
  }

  async *sampling({ sampling }: Expected): AsyncGenerator<Check> {
    for (const [index, settings] of sampling.entries()) {
      const logits = await this.#array(`sampling_logits_${index}`);
      const probabilities = tokenProbabilities(logits, new Set(settings.previous), {
        temperature: settings.temperature,
        topK: settings.top_k,
        topP: settings.top_p,
        repetitionPenalty: settings.repetition_penalty,
      });
      yield error(`sampling ${index}`, probabilities, await this.#array(`sampling_probabilities_${index}`));
    }
  }

  async *speech({ greedy }: Expected): AsyncGenerator<Check> {
    const embedding = await this.#array('speaker_embedding');
    const decoder = await openDecoder(this.#options, this.#folder);
    try {
      const vocoder = await openVocoder(this.#options, this.#folder, embedding.length);
      try {
        for (const [index, text] of greedy.entries()) yield* this.#utterance(index, text, decoder, vocoder);
      } finally {
        await vocoder.release();
      }
    } finally {
      await decoder.release();
    }
  }

  async *#utterance(
    index: number,
    { ids, audio_tokens }: Expected['greedy'][number],
    decoder: SpeechDecoder,
    vocoder: Vocoder,
  ): AsyncGenerator<Check> {
    const embedding = await this.#array('speaker_embedding');
    const prompt = promptOf(this.#folder, await this.#array('cond_latents'), ids);
    const { tokens, latents } = await greedily(decoder, this.#folder, prompt, audio_tokens.length);
    yield differences(
      `greedy tokens ${index}`,
      audio_tokens.filter((token, at) => token !== tokens[at]).length,
    );
    yield error(`latents ${index}`, latents, await this.#array(`latents_${index}`));
    const waveform = await this.#array(`waveform_${index}`);
    const once = await new WindowedVocoder(vocoder, embedding, 1).finish(latents);
    const exact = vocoder.exactSamples(once.length);
    yield ratio(
      `waveform ${index}`,
      once.subarray(0, exact),
      waveform.subarray(0, waveform.length - once.length + exact),
      WAVEFORM_DB,
    );
    yield ratio(`streamed waveform ${index}`, await streamed(vocoder, embedding, latents), once, STREAMED_DB);
  }

  async #array(name: string): Promise<Float32Array> {
    return parseNpy(await readFile(path.join(this.#options.directory, 'expected', `${name}.npy`))).data;
  }
}

async function greedily(
  decoder: SpeechDecoder,
  folder: ModelFolder,
  prompt: Prompt,
  maxTokens: number,
): Promise<{ tokens: number[]; latents: Float32Array }> {
  const sampling: SamplingSettings = { temperature: 0.75, topK: 1, topP: 0.85, repetitionPenalty: 10 };
  const options = { sampling, random: () => 0, maxTokens, signal: new AbortController().signal };
  const tokens: number[] = [];
  const latents = new Float32Array(maxTokens * folder.shape.width);
  for await (const { token, latent } of generate(decoder, folder, prompt, options)) {
    latents.set(latent, tokens.length * folder.shape.width);
    tokens.push(token);
  }
  return { tokens, latents: latents.subarray(0, tokens.length * folder.shape.width) };
}

/** The waveform of `latents`, vocoded in windows and joined. */
async function streamed(
  vocoder: Vocoder,
  embedding: Float32Array,
  latents: Float32Array,
): Promise<Float32Array> {
  const sound = new WindowedVocoder(vocoder, embedding, 1);
  const parts: Float32Array[] = [];
  let at = 0;
  for (const window of STREAM_WINDOWS) {
    const next = Math.min(at + window * vocoder.width, latents.length);
    if (next === latents.length) break;
    parts.push(await sound.push(latents.subarray(at, next)));
    at = next;
  }
  parts.push(await sound.finish(latents.subarray(at)));
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

function differences(quantity: string, count: number): Check {
  return { quantity, measured: count, bound: 'at most', limit: 0, unit: 'differences' };
}

/** The error relative to the scale of the quantity, so that the level of the reference recording does not matter. */
function error(quantity: string, got: Float32Array | Float64Array, wanted: Float32Array): Check {
  const measured = relativeDifference(got, wanted);
  return { quantity, measured, bound: 'at most', limit: TOLERANCE, unit: '' };
}

function ratio(quantity: string, got: Float32Array, wanted: Float32Array, limit: number): Check {
  let [signal, noise] = [0, got.length === wanted.length ? 0 : Infinity];
  for (const [index, value] of wanted.entries()) {
    signal += value ** 2;
    noise += (value - (got[index] ?? 0)) ** 2;
  }
  return { quantity, measured: 10 * Math.log10(signal / noise), bound: 'at least', limit, unit: 'dB' };
}
