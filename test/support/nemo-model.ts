import path from 'node:path';
import type { InferenceEngine } from '../../src/inference/inference-engine.js';
import { NemoSpeechToText } from '../../src/engines/stt/nemo/client.js';
import type { NemoJob, NemoOptions } from '../../src/engines/stt/nemo/protocol.js';
import type { NemoEngine } from '../../src/engines/stt/nemo/worker/load-nemo.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Models with random weights: the folders ctc, rnnt, tdt and metro, and expected.json. */
export const NEMO_TINY = path.join(ROOT, 'test/fixtures/nemo-tiny');

export function nemoOptions(directory: string, options: Partial<NemoOptions> = {}): NemoOptions {
  return {
    directory,
    precision: 'fp32',
    language: 'ar',
    device: 'cpu',
    threads: 1,
    keepMemory: true,
    vadModel: path.join(ROOT, 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx'),
    ...options,
  };
}

/** The client over an engine in this process. */
export function nemoInProcess(engine: NemoEngine): NemoSpeechToText {
  const process: InferenceEngine = {
    run: async (job, { signal }) =>
      (await engine.run(job as NemoJob, { signal, emit: async () => undefined })) as never,
    stream: async function* (job, { signal }) {
      const chunks: unknown[] = [];
      await engine.run(job as NemoJob, { signal, emit: async (chunk) => void chunks.push(chunk) });
      yield* chunks as never[];
    },
    load: async () => undefined,
    state: () => ({ status: 'ready', queued: 0 }),
  };
  return new NemoSpeechToText('nemo-tiny', process);
}
