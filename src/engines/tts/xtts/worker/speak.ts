import { nothingToSay } from '../../speech-errors.js';
import type { SpeakJob, VoiceLatents, XttsAudio } from '../protocol.js';
import { generate, type AudioToken } from './generate.js';
import type { ModelFolder } from './model-folder.js';
import { longestAudio, longestText, promptOf } from './prompt.js';
import { partSeed, seededRandom } from '../../../../lib/random.js';
import type { SpeechDecoder } from './speech-decoder.js';
import { textPieces, type TextPiece } from './text-pieces.js';
import { cleanText, type TextTokenizer } from './text-tokenizer.js';
import { OUTPUT_RATE, type Vocoder } from './vocoder.js';
import { WindowedVocoder } from './windowed-vocoder.js';

/**
 * Tokens per window. The first window is small, so that speech starts early. The audio already sent must last while the
 * next window is computed, so windows grow slowly: on a machine hardly faster than speech, fast growth would cause
 * pauses. Larger windows recompute less context. The largest size bounds the pause and the delay of an abort.
 */
const WINDOWS = [8, 11, 22, 34];
const LARGEST_WINDOW = 43;
/** Attempts per piece, each with its own seed. */
const TRIES = 2;

export interface XttsModel {
  folder: ModelFolder;
  decoder: Pick<SpeechDecoder, 'begin' | 'next' | 'forget' | 'release'>;
  vocoder: Vocoder;
  tokenizer: TextTokenizer;
  /** Numbers in the embedding of a speaker. */
  embeddingWidth: number;
}

/**
 * Yields the speech of a text, part by part. A piece that does not end by itself is stopped; if none of its audio was
 * sent, it is made again with another seed. `warnings` report both. Throws a 400 error when there is nothing to say.
 */
export async function* speak(
  model: XttsModel,
  voice: VoiceLatents,
  job: SpeakJob,
  signal: AbortSignal,
): AsyncGenerator<XttsAudio, void, undefined> {
  const { folder, tokenizer } = model;
  const unspoken = tokenizer.unspoken(cleanText(job.text));
  const limits = { maxIds: longestText(folder), maxTokens: longestAudio(folder) };
  const pieces = textPieces(job.text, tokenizer, limits);
  if (!pieces.some(({ text }) => tokenizer.canSpeak(text))) throw nothingToSay();
  const windows = windowSizes();
  for (const [index, piece] of pieces.entries()) {
    const speech = new PieceSpeech(model, voice, { job, piece, index }, signal);
    for await (const part of speech.parts(windows)) {
      yield { ...part, unspoken: unspoken.splice(0) };
    }
  }
}

type SpokenPart = Omit<XttsAudio, 'unspoken'>;

interface PieceRequest {
  job: SpeakJob;
  piece: TextPiece;
  /** Index of the piece in the job. */
  index: number;
}

/** Turns one piece of text into audio. */
class PieceSpeech {
  readonly #model: XttsModel;
  readonly #voice: VoiceLatents;
  readonly #request: PieceRequest;
  readonly #signal: AbortSignal;
  readonly #warnings: string[] = [];
  /**
   * Audio is held back until the piece ends when the request does not stream, and for short texts, because the model
   * tends to ramble after those.
   */
  readonly #heardFirst: boolean;

  constructor(model: XttsModel, voice: VoiceLatents, request: PieceRequest, signal: AbortSignal) {
    this.#model = model;
    this.#voice = voice;
    this.#request = request;
    this.#signal = signal;
    this.#heardFirst = !request.job.stream || request.piece.isShort;
  }

  async *parts(windows: Iterator<number, never>): AsyncGenerator<SpokenPart, void, undefined> {
    const { vocoder, folder } = this.#model;
    const sound = new WindowedVocoder(vocoder, this.#voice.speakerEmbedding, this.#request.job.speed);
    const waiting: Float32Array[] = [];
    let size = windows.next().value;
    for await (const { latent } of this.#tokens()) {
      waiting.push(latent);
      // Nothing marks the last token, so one token is always kept for the end.
      if (waiting.length <= size) continue;
      const samples = await sound.push(rows(waiting.splice(0, size), folder.shape.width));
      size = windows.next().value;
      if (samples.length > 0) yield this.#part(samples);
    }
    const samples = await sound.finish(rows(waiting, folder.shape.width));
    if (samples.length > 0) yield this.#part(samples);
  }

  #part(samples: Float32Array): SpokenPart {
    const clipped = samples.map((sample) => Math.max(-1, Math.min(1, sample)));
    return { samples: clipped, sampleRate: OUTPUT_RATE, warnings: this.#warnings.splice(0) };
  }

  #tokens(): AsyncIterable<AudioToken> {
    return this.#heardFirst ? this.#tokensOfBestTry() : this.#tokensAsTheyCome();
  }

  async *#tokensAsTheyCome(): AsyncGenerator<AudioToken, void, undefined> {
    let last: AudioToken | undefined;
    for await (last of this.#try(0)) yield last;
    if (!last?.isStop) this.#warnOfStop();
  }

  async *#tokensOfBestTry(): AsyncGenerator<AudioToken, void, undefined> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const tokens: AudioToken[] = [];
      for await (const token of this.#try(attempt)) tokens.push(token);
      const ended = tokens.at(-1)?.isStop ?? false;
      if (!ended && attempt + 1 < TRIES) continue;
      if (!ended) this.#warnOfStop();
      else if (attempt > 0)
        this.#warnings.push(
          'A part of the speech did not end by itself and was made again with another seed.',
        );
      return yield* tokens;
    }
  }

  #try(attempt: number): AsyncGenerator<AudioToken, void, undefined> {
    const { job, piece, index } = this.#request;
    const { decoder, folder } = this.#model;
    return generate(decoder, folder, promptOf(folder, this.#voice.conditioning, piece.ids), {
      sampling: job.sampling,
      random: seededRandom(partSeed(job.seed, index * TRIES + attempt)),
      maxTokens: piece.maxTokens,
      signal: this.#signal,
    });
  }

  #warnOfStop(): void {
    this.#warnings.push(
      'A part of the speech did not end by itself and was stopped; its last words may be wrong.',
    );
  }
}

function* windowSizes(): Generator<number, never, undefined> {
  yield* WINDOWS;
  for (;;) yield LARGEST_WINDOW;
}

function rows(latents: readonly Float32Array[], width: number): Float32Array {
  const all = new Float32Array(latents.length * width);
  for (const [index, latent] of latents.entries()) all.set(latent, index * width);
  return all;
}
