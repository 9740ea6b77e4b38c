import { Tensor } from 'onnxruntime-node';
import type { LoadWorkerEngine, WorkerEngine } from '../../../../inference/worker-engine.js';
import { openSession } from '../../../../onnx/session.js';
import type { SmartTurnJob, SmartTurnOptions, SmartTurnResult } from '../protocol.js';
import { FEATURE_SHAPE, turnFeatures } from './turn-features.js';

type SmartTurnEngine = WorkerEngine<SmartTurnJob, never, SmartTurnResult>;

const INPUT = 'input_features';

/** Loads Smart Turn v3 and runs it once. Throws with the file's name when the file is broken or is another model. */
export const loadSmartTurn: LoadWorkerEngine<SmartTurnOptions, SmartTurnEngine> = async ({ model }) => {
  const { session } = await openSession(model, { device: 'cpu', threads: 1 });
  if (!session.inputNames.includes(INPUT)) {
    await session.release();
    throw new Error(`The turn model has no input ${INPUT}`);
  }
  const [output = ''] = session.outputNames;
  const complete = async (samples: Float32Array): Promise<number> => {
    const features = new Tensor('float32', turnFeatures(samples), FEATURE_SHAPE);
    const outputs = await session.run({ [INPUT]: features }, [output]);
    // The graph ends in a sigmoid, although its output is called "logits".
    return outputs[output]!.data[0] as number;
  };
  await complete(new Float32Array(0));
  return {
    run: async ({ samples }, { signal }) => {
      signal.throwIfAborted();
      return complete(samples);
    },
    close: () => session.release(),
  };
};
