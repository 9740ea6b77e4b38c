import type { Config } from '../config/load-config.js';
import type { ChildEntry } from '../inference/child-process.js';
import { ProcessPool, type EngineHome } from '../inference/engine-pool.js';
import { InferenceProcess } from '../inference/inference-process.js';
import { systemClock } from '../lib/clock.js';
import { entryPoint } from '../lib/entry-point.js';
import type { Logger } from '../observability/logger.js';

export interface EngineProcesses {
  hearing: EngineHome;
  /** The same process as `hearing` in the lite profile and on a GPU. */
  speaking: EngineHome;
  /** Detects voice activity in live sessions. It starts with the first session. */
  listening: EngineHome;
  /** All of them. Their owner closes them. */
  all: readonly InferenceProcess[];
}

const MEBIBYTE = 2 ** 20;

/**
 * Limits V8's young generation, which may take 48 MB by default. Tensors are outside V8's heap, so the process does not
 * need that much.
 */
const SMALL_HEAP = '--max-semi-space-size=4';

function childEntry(config: Config, args: string[] = []): ChildEntry {
  const { path, execArgv } = entryPoint(import.meta.url, '../model-process');
  // When memory is short, tensors are freed at once instead of at V8's next collection.
  const collecting = config.PROFILE === 'lite' ? ['--expose-gc'] : [];
  return { path, args, execArgv: [...execArgv, SMALL_HEAP, ...collecting], env: config.childEnvironment };
}

/**
 * lite: one child for everything, because each child has its own copy of Node and ONNX Runtime. Voice activity then
 * runs between two decoder steps. full: one child for voice activity, one for recognition and one for speech; the last
 * two are one child when they must be `together` on a GPU. On the CPU, HEARING_PROCESSES and SPEAKING_PROCESSES set how
 * many children share the work.
 */
export function createEngineProcesses(config: Config, logger: Logger, together: boolean): EngineProcesses {
  const all: InferenceProcess[] = [];
  const create = (name: string, args?: string[]): InferenceProcess => {
    const process = createProcess(config, logger, name, args);
    all.push(process);
    return process;
  };
  const createSeveral = (name: string, count: number): EngineHome => {
    if (count === 1) return create(name);
    const processes = Array.from({ length: count }, (_, index) => create(`${name}-${index + 1}`));
    return new ProcessPool(processes, { queueLimit: config.QUEUE_LIMIT, clock: systemClock });
  };
  if (config.PROFILE === 'lite') {
    const shared = create('models');
    return { hearing: shared, speaking: shared, listening: shared, all };
  }
  const listening = create('listening', ['--niceness=0']);
  if (together) {
    const shared = create('models');
    return { hearing: shared, speaking: shared, listening, all };
  }
  const hearing = createSeveral('hearing', config.HEARING_PROCESSES);
  return { hearing, speaking: createSeveral('speaking', config.SPEAKING_PROCESSES), listening, all };
}

function createProcess(config: Config, logger: Logger, name: string, args?: string[]): InferenceProcess {
  return new InferenceProcess({
    name,
    entry: childEntry(config, args),
    logger,
    queueLimit: config.QUEUE_LIMIT,
    timeoutMs: config.INFERENCE_TIMEOUT_SECONDS * 1_000,
    idleUnloadMs: config.IDLE_UNLOAD_SECONDS * 1_000,
    memoryLimitBytes: config.CHILD_MEMORY_LIMIT_MB * MEBIBYTE,
  });
}
