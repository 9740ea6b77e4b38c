import { readFile, realpath } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readModel, type OnnxModel } from '../../../../onnx/graph.js';
import { RIGHT_NUMBERS } from '../../../../onnx/session.js';
import { messageOf } from '../../../../lib/errors.js';
import type { XttsOptions } from '../protocol.js';
import { unusableFile } from '../unusable-file.js';
import { withWeightsIn } from './external-weights.js';

export type SessionSettings = Pick<XttsOptions, 'directory' | 'device' | 'threads'>;

/** Opens a graph, edited on the way where `edit` is given. Throws with the file's name. The caller releases it. */
export async function openGraph(
  settings: SessionSettings,
  file: string,
  edit?: (model: OnnxModel) => OnnxModel,
): Promise<InferenceSession> {
  return namingGraph(file, async () => {
    // Caches of models hold links, and ONNX Runtime looks for weights beside the file itself.
    const location = await realpath(path.join(settings.directory, file));
    const model = edit ? await edited(location, edit) : location;
    const open = (provider: 'cpu' | 'cuda'): Promise<InferenceSession> =>
      create(model, provider, settings.threads, path.dirname(location));
    if (settings.device === 'cpu') return open('cpu');
    try {
      return await open('cuda');
    } catch (error) {
      process.emitWarning(`${file} runs on the CPU, since CUDA failed: ${firstLine(error)}`);
      return open('cpu');
    }
  });
}

async function edited(location: string, edit: (model: OnnxModel) => OnnxModel): Promise<Uint8Array> {
  const file = await readFile(location);
  return withWeightsIn(edit(readModel(file)), file, path.basename(location));
}

/** Runs `work` and names the graph's file where it fails. */
export async function namingGraph<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unusableFile(file, error);
  }
}

export function floatTensor(data: Float32Array, dims: number[]): Tensor {
  return new Tensor('float32', data, dims);
}

/** The graph's only output, whose name differs between exports. */
export async function runForOne(session: InferenceSession, feeds: Record<string, Tensor>): Promise<Tensor> {
  const outputs = await session.run(feeds);
  const output = outputs[session.outputNames[0] ?? ''];
  if (!output) throw new Error('it has no output');
  return output;
}

function create(
  model: string | Uint8Array,
  provider: 'cpu' | 'cuda',
  threads: number,
  weightsDirectory: string,
): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads === 0 ? availableParallelism() : threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    extra: {
      session: {
        ...RIGHT_NUMBERS,
        // Threads that spin while they wait take the cores from the process that serves sockets.
        intra_op: { allow_spinning: '0' },
        // Where an edited model, which is opened from memory, finds its weights.
        model_external_initializers_file_folder_path: weightsDirectory,
      },
    },
  };
  return typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options);
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0] ?? '';
}
