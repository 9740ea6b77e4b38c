import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TINY_MODEL } from '../fake-model-folder.js';
import type { SpeakJob, VoiceLatents, XttsAudio } from '../protocol.js';
import { readModelFolder, type ModelFolder } from './model-folder.js';
import { speak, type XttsModel } from './speak.js';
import type { DecoderStep } from './speech-decoder.js';
import { TextTokenizer } from './text-tokenizer.js';
import { openVocoder, type Vocoder } from './vocoder.js';

const LONG_TEXT = 'النهارده الجو جميل في القاهرة والشمس طالعة من بدري';
const STOPPED = /did not end by itself and was stopped/;

/** Generates the number of tokens that its script has for each attempt and then stops. Infinity never stops. */
class ScriptedDecoder {
  readonly lengths: number[] = [];
  steps = 0;
  begun = 0;
  onStep = (): void => undefined;
  readonly #folder: ModelFolder;

  constructor(folder: ModelFolder) {
    this.#folder = folder;
  }

  begin(): Promise<DecoderStep> {
    this.steps = 0;
    this.begun += 1;
    return this.next();
  }

  forget(): void {}

  release(): Promise<void> {
    return Promise.resolve();
  }

  next(): Promise<DecoderStep> {
    this.onStep();
    this.steps += 1;
    const { audioTokens, stopToken, width } = this.#folder.shape;
    const ends = this.steps > (this.lengths[this.begun - 1] ?? 20);
    const logits = Float32Array.from({ length: audioTokens }, (_, id) =>
      id === stopToken ? (ends ? 1000 : -1000) : 0,
    );
    return Promise.resolve({ logits, latent: new Float32Array(width).fill(Math.sin(this.steps)) });
  }
}

describe('speak', () => {
  let folder: ModelFolder;
  let vocoder: Vocoder;
  let decoder: ScriptedDecoder;
  let voice: VoiceLatents;
  const never = new AbortController().signal;

  beforeAll(async () => {
    const options = {
      directory: TINY_MODEL,
      precision: 'fp32',
      device: 'cpu',
      threads: 1,
      language: 'ar',
    } as const;
    folder = await readModelFolder(options);
    vocoder = await openVocoder(options, folder, 512);
    const { conditioningRows, width } = folder.shape;
    voice = {
      conditioning: new Float32Array(conditioningRows * width),
      speakerEmbedding: new Float32Array(512).fill(0.04),
    };
  });
  afterAll(() => vocoder.release());
  beforeEach(() => {
    decoder = new ScriptedDecoder(folder);
  });

  const job = (text: string, more: Partial<SpeakJob> = {}): SpeakJob => ({
    type: 'speak',
    text,
    voice: { speaker: 'Nour' },
    sampling: { temperature: 0.75, topK: 50, topP: 0.85, repetitionPenalty: 10 },
    speed: 1,
    seed: 1,
    stream: true,
    ...more,
  });

  async function spoken(text: string, more: Partial<SpeakJob> = {}, signal = never): Promise<XttsAudio[]> {
    const tokenizer = new TextTokenizer(folder.vocabulary);
    const model: XttsModel = {
      folder,
      decoder,
      vocoder,
      tokenizer,
      embeddingWidth: 512,
    };
    const parts: XttsAudio[] = [];
    for await (const part of speak(model, voice, job(text, more), signal)) parts.push(part);
    return parts;
  }

  const length = (parts: XttsAudio[]): number => parts.reduce((sum, { samples }) => sum + samples.length, 0);
  const samplesOf = (latents: number): number => Math.floor((640 * latents) / 147) * 256;
  const warnings = (parts: XttsAudio[]): string[] => parts.flatMap((part) => part.warnings);

  it('sends a small first part, then larger ones, with all tokens in total', async () => {
    decoder.lengths.push(150);
    const parts = await spoken(LONG_TEXT);
    expect(length(parts)).toBe(samplesOf(151));
    expect(parts[0]?.samples.length).toBeLessThan(0.3 * 24_000);
    expect(parts).toHaveLength(6);
    expect(warnings(parts)).toEqual([]);
  });

  it('makes the same audio with and without streaming', async () => {
    const streamed = await spoken(LONG_TEXT);
    decoder.begun = 0;
    const atOnce = await spoken(LONG_TEXT, { stream: false });
    const all = (parts: XttsAudio[]): number[] => parts.flatMap(({ samples }) => [...samples]);
    expect(all(atOnce)).toEqual(all(streamed));
  });

  it('sends a part as soon as its tokens are generated', async () => {
    const steps: number[] = [];
    const tokenizer = new TextTokenizer(folder.vocabulary);
    const model: XttsModel = {
      folder,
      decoder,
      vocoder,
      tokenizer,
      embeddingWidth: 512,
    };
    for await (const _ of speak(model, voice, job(LONG_TEXT), never)) steps.push(decoder.steps);
    expect(steps).toEqual([9, 20, 21]);
  });

  it('repeats a short text that does not end with another seed, before any audio is sent', async () => {
    decoder.lengths.push(Infinity, 9);
    const parts = await spoken('تمام');
    expect(decoder.begun).toBe(2);
    expect(length(parts)).toBe(samplesOf(10));
    expect(warnings(parts)).toEqual([
      'A part of the speech did not end by itself and was made again with another seed.',
    ]);
  });

  it('stops a short text that never ends at its token limit, twice, and warns', async () => {
    decoder.lengths.push(Infinity, Infinity);
    const parts = await spoken('تمام');
    expect(decoder.begun).toBe(2);
    expect(length(parts)).toBe(samplesOf(70));
    expect(warnings(parts)).toEqual([expect.stringMatching(STOPPED)]);
  });

  it('repeats a long text only if none of its audio was sent', async () => {
    decoder.lengths.push(Infinity, 30);
    expect(warnings(await spoken(LONG_TEXT))).toEqual([expect.stringMatching(STOPPED)]);
    expect(decoder.begun).toBe(1);
    decoder.begun = 0;
    const atOnce = await spoken(LONG_TEXT, { stream: false });
    expect(decoder.begun).toBe(2);
    expect(length(atOnce)).toBe(samplesOf(31));
  });

  it('speaks a long text clause by clause', async () => {
    const parts = await spoken(`${LONG_TEXT}. ${LONG_TEXT}، ${LONG_TEXT}. ${LONG_TEXT}؟`.repeat(2));
    expect(decoder.begun).toBeGreaterThan(2);
    expect(length(parts)).toBe(decoder.begun * samplesOf(21));
  });

  it('follows the speed', async () => {
    decoder.lengths.push(99, 99);
    expect(length(await spoken(LONG_TEXT, { speed: 2 }))).toBe(samplesOf(50));
  });

  it('reports each sign that it left out once', async () => {
    const parts = await spoken(`${LONG_TEXT} 漢. ${LONG_TEXT} 漢`);
    expect(parts.flatMap((part) => part.unspoken)).toEqual(['漢']);
  });

  it('rejects a text without any known letter', async () => {
    await expect(spoken('漢 ؟!')).rejects.toMatchObject({ status: 400, code: 'nothing_to_say' });
    expect(decoder.begun).toBe(0);
  });

  it('stops within one step of the decoder when it is aborted', async () => {
    const controller = new AbortController();
    decoder.lengths.push(Infinity);
    decoder.onStep = () => {
      if (decoder.steps === 30) controller.abort(new Error('the caller left'));
    };
    await expect(spoken(LONG_TEXT, {}, controller.signal)).rejects.toThrow('the caller left');
    expect(decoder.steps).toBe(31);
  });
});
