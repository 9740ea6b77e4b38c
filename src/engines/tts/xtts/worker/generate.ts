import type { SamplingSettings } from '../protocol.js';
import type { ModelFolder } from './model-folder.js';
import { audioRow, type Prompt } from './prompt.js';
import type { Random } from '../../../../lib/random.js';
import { draw, tokenProbabilities } from './sampling.js';
import type { SpeechDecoder } from './speech-decoder.js';

/** Coqui fills the places of voice and text with this id, which the repetition penalty therefore also meets. */
const PROMPT_ID = 1;

export interface GenerateOptions {
  sampling: SamplingSettings;
  random: Random;
  /** The generation ends here at the latest. */
  maxTokens: number;
  signal: AbortSignal;
}

export interface AudioToken {
  token: number;
  /** What the vocoder takes; the stop token has one too, and Coqui lets it sound. */
  latent: Float32Array;
  /** The model ended the speech by itself. */
  isStop: boolean;
}

/** Audio tokens one after the other, up to the stop token or `maxTokens`. Aborts between two steps of the decoder. */
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
