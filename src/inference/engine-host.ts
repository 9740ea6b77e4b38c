import { setPriority } from 'node:os';
import { collectGarbage } from '../lib/collect-garbage.js';
import { toWire, CHUNK_WINDOW, type ChildMessage, type ParentMessage } from './protocol.js';
import type { WorkerEngine } from './worker-engine.js';

export type EngineLoader = (options: never) => Promise<WorkerEngine>;
/** Imports the loader of each kind of engine on demand, because each needs its own runtime. */
export type EngineKinds = Record<string, () => Promise<EngineLoader>>;

const MEMORY_REPORT_MS = 5_000;
/** Keeps the process that serves sockets responsive on few cores. */
const NICENESS = 10;
/** Size of the tensors left by jobs above which a garbage collection is worth its time. */
const GARBAGE_BYTES = 16 * 2 ** 20;

interface RunningJob {
  controller: AbortController;
  credits: number;
  wake?: () => void;
}

/** The child's main loop: loads engines and runs jobs as the parent requests, until the parent exits. */
export function hostEngines(kinds: EngineKinds, niceness = NICENESS): void {
  const host = new EngineHost(kinds);
  process.on('message', (message: ParentMessage) => {
    if (message.type === 'load') void host.load(message);
    else if (message.type === 'unload') void host.unload(message);
    else if (message.type === 'run') void host.run(message);
    else host.steer(message);
  });
  setInterval(() => host.reportAtRest(), MEMORY_REPORT_MS).unref();
  setPriorityOrGoOn(niceness);
  outliveOnlyTheParent();
}

class EngineHost {
  readonly #kinds: EngineKinds;
  readonly #engines = new Map<string, Promise<WorkerEngine>>();
  readonly #jobs = new Map<number, RunningJob>();
  /** The engine that is being closed: its memory is needed by the next one. */
  #unloading: Promise<void> = Promise.resolve();

  constructor(kinds: EngineKinds) {
    this.#kinds = kinds;
  }

  async load({ engine, kind, options }: Extract<ParentMessage, { type: 'load' }>): Promise<void> {
    const loading = this.#unloading.then(() => loadEngine(this.#kinds, kind, options));
    this.#engines.set(engine, loading);
    try {
      await loading;
      send({ type: 'loaded', engine });
    } catch (error) {
      this.#engines.delete(engine);
      send({ type: 'load-failed', engine, error: toWire(error) });
    }
    this.reportAtRest();
  }

  /** The parent runs no job of an engine that it unloads. */
  async unload({ engine: name }: Extract<ParentMessage, { type: 'unload' }>): Promise<void> {
    const engine = this.#engines.get(name);
    this.#engines.delete(name);
    // An engine that cannot be closed keeps its memory, which the parent watches.
    this.#unloading = Promise.resolve(engine)
      .then((loaded) => loaded?.close())
      .catch((error: unknown) => void process.stderr.write(`${name} was not closed: ${String(error)}\n`));
    await this.#unloading;
    collectGarbage();
    this.reportAtRest();
  }

  async run({ id, engine: name, job: payload }: Extract<ParentMessage, { type: 'run' }>): Promise<void> {
    const job: RunningJob = { controller: new AbortController(), credits: CHUNK_WINDOW };
    this.#jobs.set(id, job);
    try {
      const engine = await this.#engines.get(name);
      if (!engine) throw new Error(`The engine ${name} is not loaded`);
      const emit = (value: unknown): Promise<void> =>
        emitChunk(job, () => send({ type: 'chunk', id, value }));
      send({ type: 'done', id, value: await engine.run(payload, { signal: job.controller.signal, emit }) });
    } catch (error) {
      send({ type: 'failed', id, error: toWire(error) });
    } finally {
      this.#jobs.delete(id);
    }
    this.reportAtRest();
  }

  /** Reports memory only between jobs: the parent's limit applies to what the process keeps, not to what a job holds for a moment. */
  reportAtRest(): void {
    if (this.#jobs.size > 0) return;
    if (process.memoryUsage().arrayBuffers > GARBAGE_BYTES) collectGarbage();
    send({ type: 'memory', residentBytes: process.memoryUsage.rss() });
  }

  steer({ type, id }: Extract<ParentMessage, { type: 'credit' | 'cancel' }>): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (type === 'credit') job.credits += 1;
    else job.controller.abort();
    job.wake?.();
  }
}

function send(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

async function loadEngine(kinds: EngineKinds, kind: string, options: unknown): Promise<WorkerEngine> {
  const loader = kinds[kind];
  if (!loader) throw new Error(`No engine of kind ${kind}`);
  return (await loader())(options as never);
}

async function emitChunk(job: RunningJob, send: () => void): Promise<void> {
  while (job.credits === 0) {
    job.controller.signal.throwIfAborted();
    await new Promise<void>((resolve) => (job.wake = resolve));
  }
  job.controller.signal.throwIfAborted();
  job.credits -= 1;
  send();
}

/**
 * Ends the process when its parent exits. The parent handles signals to the whole process group (Ctrl-C in a terminal),
 * because it lets running jobs finish first.
 */
function outliveOnlyTheParent(): void {
  process.once('disconnect', () => process.exit(0));
  // The parent may have exited while this process was loading its code, before the listener existed.
  if (!process.connected) process.exit(0);
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}

/** Some sandboxes forbid it. The service works without it. */
function setPriorityOrGoOn(niceness: number): void {
  try {
    setPriority(niceness);
  } catch {
    return;
  }
}
