import path from 'node:path';
import {
  AutoTokenizer,
  env,
  LogLevel,
  VitsModel,
  type PreTrainedTokenizer,
  type Tensor,
} from '@huggingface/transformers';
import type { JobContext, WorkerEngine } from '../../../../inference/worker-engine.js';
import { messageOf } from '../../../../lib/errors.js';
import type { MmsJob, MmsOptions, MmsSpeech } from '../protocol.js';
import { RIGHT_NUMBERS } from '../../../../onnx/session.js';
import { checkModelFiles } from './model-files.js';
import { spell } from './spelling.js';

const WARM_UP_TEXT = 'سلام';

interface MmsParts {
  tokenizer: PreTrainedTokenizer;
  model: VitsModel;
  vocabulary: ReadonlySet<string>;
  sampleRate: number;
}

/** Loads MMS-TTS from disk and warms it up. Throws an error that names the missing or broken file. */
export async function loadMms(options: MmsOptions): Promise<MmsEngine> {
  env.allowRemoteModels = false;
  // The library logs the inputs of a failed run, which contain a caller's text. The error itself is thrown, too.
  env.logLevel = LogLevel.NONE;
  const { graph, sampleRate, vocabulary } = await checkModelFiles(options);
  // The library takes a path for a directory only when it cannot be a repository name.
  const directory = path.resolve(options.directory);
  const tokenizer = await naming(
    'tokenizer.json',
    AutoTokenizer.from_pretrained(directory, { local_files_only: true }),
  );
  const model = await naming(graph, loadModel(directory, options));
  const engine = new MmsEngine({ tokenizer, model, vocabulary, sampleRate });
  await naming(graph, engine.warmUp());
  return engine;
}

/**
 * Always on the CPU. The graph has about a hundred convolutions. On a GPU, ONNX Runtime makes new cuDNN plans for all
 * of them whenever the text length changes. That takes over a second per sentence, longer than the CPU needs for the
 * speech.
 */
async function loadModel(directory: string, { variant, threads }: MmsOptions): Promise<VitsModel> {
  const model: unknown = await VitsModel.from_pretrained(directory, {
    local_files_only: true,
    dtype: variant,
    device: 'cpu',
    session_options: {
      ...(threads > 0 && { intraOpNumThreads: threads }),
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // An idle engine must leave the cores to the others in its process.
      extra: { session: { ...RIGHT_NUMBERS, intra_op: { allow_spinning: '0' } } },
    },
  });
  return model as VitsModel;
}

async function naming<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${file} does not work: ${messageOf(error)}`, { cause: error });
  }
}

/** The child half: reduces the text to the voice's characters and runs VITS over it in one step. */
export class MmsEngine implements WorkerEngine<MmsJob, never, MmsSpeech> {
  readonly #parts: MmsParts;

  constructor(parts: MmsParts) {
    this.#parts = parts;
  }

  async run(job: MmsJob, { signal }: Pick<JobContext<never>, 'signal'>): Promise<MmsSpeech> {
    signal.throwIfAborted();
    const { vocabulary, sampleRate } = this.#parts;
    const { text, unspoken } = spell(job.text, vocabulary);
    const samples = text === '' ? new Float32Array(0) : await this.#synthesize(text);
    signal.throwIfAborted();
    return { samples, sampleRate, unspoken };
  }

  async warmUp(): Promise<void> {
    await this.#synthesize(
      spell(WARM_UP_TEXT, this.#parts.vocabulary).text || [...this.#parts.vocabulary].join(''),
    );
  }

  async close(): Promise<void> {
    await this.#parts.model.dispose();
  }

  async #synthesize(text: string): Promise<Float32Array> {
    const { tokenizer, model } = this.#parts;
    const inputs: unknown = tokenizer(text);
    const { waveform } = (await model(inputs)) as { waveform: Tensor };
    return withinFullScale(waveform.data as Float32Array);
  }
}

/** A copy out of the runtime's memory. */
function withinFullScale(waveform: Float32Array): Float32Array {
  const samples = new Float32Array(waveform.length);
  for (let index = 0; index < samples.length; index++) {
    samples[index] = Math.max(-1, Math.min(1, waveform[index] ?? 0));
  }
  return samples;
}
