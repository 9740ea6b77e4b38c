import type { SamplingSettings } from '../protocol.js';
import type { ModelFolder } from './model-folder.js';
import { audioRow, type Prompt } from './prompt.js';
import type { Random } from '../../../../lib/random.js';
import { draw, tokenProbabilities } from './sampling.js';
import type { SpeechDecoder } from './speech-decoder.js';

/** Coqui fills the positions of voice and text with this id, so the repetition penalty applies to it too. */
const PROMPT_ID = 1;

export interface GenerateOptions {
  sampling: SamplingSettings;
  random: Random;
  /** The most tokens that are generated. */
  maxTokens: number;
  signal: AbortSignal;
}

export interface AudioToken {
  token: number;
  /** The input of the vocoder. The stop token has latents too, and Coqui vocodes them. */
  latent: Float32Array;
  /** True when the model generated the stop token. */
  isStop: boolean;
}

/**
 * Generates audio tokens one by one, up to the stop token or `maxTokens`. An abort takes effect between two decoder
 * steps.
 */
export async function* generate(
  decoder: Pick<SpeechDecoder, 'begin' | 'next'>,
  folder: ModelFolder,
  prompt: Prompt,
  { sampling, random, maxTokens, signal }: GenerateOptions,
): AsyncGenerator<AudioToken, void, undefined> {
  const { startToken, stopToken } = folder.shape;
  const seen = new Set([PROMPT_ID, startToken]);
  signal.throwIfAborted();
  let step = await decoder.begin(prompt);
  for (let position = 1; position <= maxTokens; position++) {
    signal.throwIfAborted();
    const token = draw(tokenProbabilities(step.logits, seen, sampling), random);
    seen.add(token);
    yield { token, latent: step.latent, isStop: token === stopToken };
    if (token === stopToken || position === maxTokens) return;
    step = await decoder.next(audioRow(folder, token, position));
  }
}
