import { fork, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Channel, ChannelClosed } from '../lib/channel.js';
import { unavailable } from '../lib/errors.js';
import type { Logger } from '../observability/logger.js';
import { CHUNK_WINDOW, fromWire, type ChildMessage, type ParentMessage } from './protocol.js';

export interface ChildEntry {
  path: string;
  execArgv: string[];
  /** Arguments of the child itself; none when absent. */
  args?: string[];
  /** The child's whole environment. It contains no keys, because a model process does not need them. */
  env: NodeJS.ProcessEnv;
}

/** One job as its caller sees it. */
export interface RemoteJob {
  /** What the child emits, in order; throws when the job fails. */
  chunks: Channel<unknown>;
  /** The job's value. A failure is also reported by `chunks`, so this promise need not be awaited. */
  result: Promise<unknown>;
  /** Resolves when the job has stopped: true when the child ended it, false when the child exited. Never rejects. */
  ended: Promise<boolean>;
  cancel(): void;
}

interface PendingJob {
  chunks: Channel<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

const STDERR_TAIL = 4_096;

/** One forked process, from spawn to exit. Its owner decides when it starts and when it ends. */
export class InferenceChild {
  readonly #process: ChildProcess;
  readonly #jobs = new Map<number, PendingJob>();
  readonly #loads = new Map<string, { resolve(): void; reject(error: unknown): void }>();
  #nextJob = 1;
  #stderrTail = '';
  #gone = false;
  residentBytes = 0;
  /** Resolves once the process is gone, with a description of how it ended. */
  readonly exited: Promise<string>;

  constructor(entry: ChildEntry, logger: Logger, onMemory: () => void) {
    this.#process = fork(entry.path, entry.args ?? [], {
      serialization: 'advanced',
      execArgv: entry.execArgv,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // glibc: two arenas instead of eight per core keep the resident size flat under varying tensor shapes, and tensors
      // over 1 MiB go back to the system when they are freed (30 to 50 MB less for Whisper base). 128 KiB would save another
      // 12 MB, and cost the encoder a quarter more processor time.
      env: { ...entry.env, MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' },
    });
    this.#process.on('message', (message: ChildMessage) => {
      if (message.type !== 'memory') return this.#receive(message);
      this.residentBytes = message.residentBytes;
      onMemory();
    });
    this.#process.on('error', (error) => logger.error({ error }, 'inference process error'));
    this.#forwardOutput(this.#process.stdout, logger);
    this.#forwardOutput(this.#process.stderr, logger);
    this.exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => resolve(this.#describeExit(code, signal)));
    });
    void this.exited.then(() => this.#failEverything());
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get stderrTail(): string {
    return this.#stderrTail;
  }

  load(engine: string, kind: string, options: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loads.set(engine, { resolve, reject });
      this.#send({ type: 'load', engine, kind, options });
    });
  }

  unload(engine: string): void {
    this.#send({ type: 'unload', engine });
  }

  start(engine: string, job: unknown): RemoteJob {
    const id = this.#nextJob++;
    const chunks = new Channel<unknown>(CHUNK_WINDOW);
    const result = new Promise<unknown>((resolve, reject) => this.#jobs.set(id, { chunks, resolve, reject }));
    const ended = result.then(
      () => true,
      () => !this.#gone,
    );
    this.#send({ type: 'run', id, engine, job });
    return { chunks, result, ended, cancel: () => this.#send({ type: 'cancel', id }) };
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #send(message: ParentMessage): void {
    // A message to a process that has just died is lost. Its exit then fails everything that waits for an answer.
    if (this.#process.connected) this.#process.send(message, () => undefined);
  }

  #receive(message: Exclude<ChildMessage, { type: 'memory' }>): void {
    if (message.type === 'loaded') this.#loads.get(message.engine)?.resolve();
    else if (message.type === 'load-failed') this.#loads.get(message.engine)?.reject(fromWire(message.error));
    else if (message.type === 'chunk') void this.#deliver(message.id, message.value);
    else this.#finish(message);
  }

  async #deliver(id: number, value: unknown): Promise<void> {
    try {
      await this.#jobs.get(id)?.chunks.push(value);
      this.#send({ type: 'credit', id });
    } catch (error) {
      if (!(error instanceof ChannelClosed)) throw error;
    }
  }

  #finish(message: Extract<ChildMessage, { type: 'done' | 'failed' }>): void {
    const job = this.#jobs.get(message.id);
    if (!job) return;
    this.#jobs.delete(message.id);
    if (message.type === 'done') {
      job.chunks.end();
      job.resolve(message.value);
    } else {
      const error = fromWire(message.error);
      job.chunks.fail(error);
      job.reject(error);
    }
  }

  #failEverything(): void {
    this.#gone = true;
    const error = unavailable(
      'The speech engine stopped in the middle of this request and is starting again. Please repeat the request.',
      1_000,
      {
        code: 'engine_crashed',
      },
    );
    for (const job of this.#jobs.values()) {
      job.chunks.fail(error);
      job.reject(error);
    }
    this.#jobs.clear();
    for (const load of this.#loads.values()) load.reject(error);
  }

  #describeExit(code: number | null, signal: NodeJS.Signals | null): string {
    return signal ? `signal ${signal}` : `exit code ${code}`;
  }

  #forwardOutput(stream: Readable | null, logger: Logger): void {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL);
      logger.debug({ output: text.slice(0, STDERR_TAIL) }, 'inference process output');
    });
  }
}
