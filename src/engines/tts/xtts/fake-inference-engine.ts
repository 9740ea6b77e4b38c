import type { EngineState, InferenceEngine, JobOptions } from '../../../inference/inference-engine.js';
import type { WorkerEngine } from '../../../inference/worker-engine.js';
import { Channel } from '../../../lib/channel.js';

/** Runs a worker half in the same process, without supervision, for tests of a client. */
export class FakeInferenceEngine implements InferenceEngine {
  /** The status that `state` reports. A test may change it at any time. */
  status: EngineState['status'] = 'ready';
  /** The error that `state` reports. A test may change it at any time. */
  error: string | undefined;
  unavailable: string | undefined;
  /** Every job, in order. */
  readonly jobs: unknown[] = [];
  readonly #worker: Pick<WorkerEngine, 'run'>;

  constructor(worker: Pick<WorkerEngine<never>, 'run'>) {
    this.#worker = worker;
  }

  async run<Job, Result>(job: Job, { signal }: JobOptions): Promise<Result> {
    this.jobs.push(job);
    return (await this.#worker.run(job, { signal, emit: async () => undefined })) as Result;
  }

  async *stream<Job, Chunk>(job: Job, { signal }: JobOptions): AsyncGenerator<Chunk, void, undefined> {
    this.jobs.push(job);
    const left = new AbortController();
    const chunks = new Channel<unknown>(1);
    const running = this.#worker
      .run(job, { signal: AbortSignal.any([signal, left.signal]), emit: (chunk) => chunks.push(chunk) })
      .then(
        () => chunks.end(),
        (error: unknown) => chunks.fail(error),
      );
    try {
      for await (const chunk of chunks) yield chunk as Chunk;
    } finally {
      left.abort();
      await running;
    }
  }

  async load(): Promise<void> {}

  state(): EngineState {
    const { status, error, unavailable } = this;
    return {
      status,
      queued: 0,
      ...(error !== undefined && { error }),
      ...(unavailable !== undefined && { unavailable }),
    };
  }
}
