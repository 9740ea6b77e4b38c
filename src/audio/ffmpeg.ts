import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { FfmpegCommand } from 'fluent-ffmpeg';

export interface FfmpegProgram {
  /** A path, or a name to be found on the PATH. */
  path: string;
  /** The whole environment of the process; the service's own (which may hold keys) when absent. PATH is enough. */
  environment?: Record<string, string> | undefined;
}

export interface FfmpegJob {
  /** Options before `-i`. `-loglevel` must contain `level`, so that errors can be recognised in the log. */
  inputOptions: readonly string[];
  /** A `file:` URL made by this service, or a stream for its stdin. */
  input: string | Readable;
  /** Options after the input; the output is always `pipe:1`. */
  outputOptions: readonly string[];
  /** Kills the process at once. */
  signal: AbortSignal;
  /** Timeout of the process; absent when the caller watches its progress. */
  timeoutMs?: number;
  /** Called with every line of its log. */
  onLogLine?: (line: string) => void;
}

export interface FfmpegRun {
  /** Its stdout, with back-pressure. Ends with the process and never throws: `ended` has the result. */
  readonly output: AsyncIterable<Buffer>;
  /** Settles when the process is gone and its pipes are empty. Never rejects. */
  readonly ended: Promise<FfmpegEnd>;
  /** Sends SIGKILL; does nothing after the process has ended. */
  kill(): void;
}

export interface FfmpegEnd {
  /** Null when a signal ended the process, or when it never ran. */
  exitCode: number | null;
  timedOut: boolean;
  /** The first lines it logged as errors. */
  problems: string[];
  /** Why it could not be started or fed. */
  failure?: Error;
}

/** Anchored at the start of the line: ffmpeg logs the tags of a recording too, and they can hold any text. */
const PROBLEM = /^(\[[^\]]* @ [^\]]*\] )?\[(error|fatal|panic)\]/;
const MAX_PROBLEMS = 20;
const MAX_LINE_LENGTH = 2000;
const MAX_LOG_LENGTH = 1024 * 1024;

/**
 * Starts one ffmpeg process through fluent-ffmpeg (this file is its only importer). Rejects only when the signal has
 * aborted already; later failures are in `ended`.
 */
export async function startFfmpeg(program: FfmpegProgram, job: FfmpegJob): Promise<FfmpegRun> {
  // Loading takes 12 to 23 ms, too long for the start of the service.
  const { default: createCommand } = await import('fluent-ffmpeg');
  job.signal.throwIfAborted();
  // With autoDestroy, fluent-ffmpeg would kill a process that takes more than 20 ms to exit.
  const output = new PassThrough({ autoDestroy: false });
  const child = new FfmpegChild(program, job);
  const command = createCommand()
    .input(job.input)
    .inputOptions(...job.inputOptions)
    .output(output)
    .outputOptions(...job.outputOptions);
  const ended = new Promise<FfmpegEnd>((resolve) => {
    const finish = (failure?: Error): void => {
      void child.ended(failure).then((end) => {
        output.end();
        resolve(end);
      });
    };
    command.on('end', () => finish()).on('error', (error: Error) => finish(error));
  });
  takeOver(command, job, child);
  command.run();
  return { output, ended, kill: () => child.kill() };
}

/** The version that the program reports. Rejects when it cannot run. */
export async function ffmpegVersion(program: FfmpegProgram): Promise<string> {
  const output = await ask(program, '-version');
  return /^ffmpeg version (\S+)/.exec(output)?.[1] ?? 'unknown';
}

/** The encoders that this ffmpeg was built with. Rejects when it cannot run. */
export async function listEncoders(program: FfmpegProgram): Promise<Set<string>> {
  const stdout = await ask(program, '-hide_banner', '-encoders');
  return new Set([...stdout.matchAll(/^ A[A-Z.]{5} (\S+)/gm)].map(([, name]) => name ?? ''));
}

async function ask(program: FfmpegProgram, ...question: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program.path, question, {
    timeout: 10_000,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024,
    ...environmentOf(program),
  });
  return stdout;
}

/**
 * fluent-ffmpeg 2.1.3 runs `ffmpeg -formats` and `ffmpeg -encoders` before its first command (two processes, 0.2 s), keeps
 * the program's path in a global variable, and throws in an event handler, which ends this process, when the
 * program is missing or no file descriptors are left. So each command gets its answers here, and `FfmpegChild` starts the
 * process.
 */
function takeOver(command: FfmpegCommand, job: FfmpegJob, child: FfmpegChild): void {
  const options = [...job.inputOptions, ...job.outputOptions];
  const formats = options.filter((_, index) => options[index - 1] === '-f');
  const known = Object.fromEntries(formats.map((name) => [name, { canMux: true, canDemux: true }]));
  Object.assign(command, {
    availableFormats: (answer: (error: null, formats: object) => void) => answer(null, known),
    availableEncoders: (answer: (error: null, encoders: object) => void) => answer(null, {}),
    _spawnFfmpeg: (args: string[], _options: SpawnOptions, onSpawn: OnSpawn, onEnd: OnEnd) =>
      child.start(args, onSpawn, onEnd),
  });
}

type OnSpawn = (child: ChildProcess, stdout: TextSource, stderr: TextSource) => void;
type OnEnd = (error: Error | null, stdout: TextSource, stderr: TextSource) => void;
interface TextSource {
  get(): string;
}
/** On failure fluent-ffmpeg asks for the last lines of both streams; `FfmpegChild` keeps its own log. */
const NO_TEXT: TextSource = { get: () => '' };

/** The process: starts it, keeps its first error lines, kills it on abort and after its timeout. */
class FfmpegChild {
  readonly #program: FfmpegProgram;
  readonly #job: FfmpegJob;
  readonly #problems: string[] = [];
  #child: ChildProcess | undefined;
  #closed: Promise<FfmpegEnd> | undefined;
  #timedOut = false;
  #killed = false;

  constructor(program: FfmpegProgram, job: FfmpegJob) {
    this.#program = program;
    this.#job = job;
  }

  start(args: string[], onSpawn: OnSpawn, onEnd: OnEnd): void {
    this.#closed = this.#spawn(args, onSpawn).catch((error: unknown) => {
      this.kill();
      return this.#report(null, error as Error);
    });
    void this.#closed.then(({ exitCode, failure }) => {
      const error =
        failure ?? (exitCode === 0 ? null : new Error(`ffmpeg ended with ${exitCode ?? 'a signal'}`));
      onEnd(error, NO_TEXT, NO_TEXT);
    });
  }

  /** The result, once the process has ended. `failure` is an error of fluent-ffmpeg. */
  async ended(failure?: Error): Promise<FfmpegEnd> {
    const end = await this.#closed;
    return end ?? this.#report(null, failure);
  }

  kill(): void {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
  }

  async #spawn(args: string[], onSpawn: OnSpawn): Promise<FfmpegEnd> {
    const { signal, timeoutMs, input } = this.#job;
    signal.throwIfAborted();
    // fluent-ffmpeg calls this a few turns of the event loop after the start.
    if (this.#killed) throw new Error('ffmpeg was stopped before it started');
    const stdin = typeof input === 'string' ? 'ignore' : 'pipe';
    const child = spawn(this.#program.path, args, {
      stdio: [stdin, 'pipe', 'pipe'],
      windowsHide: true,
      // Its own process group: Ctrl-C in a terminal must reach only the service, which lets running calls finish.
      detached: true,
      ...environmentOf(this.#program),
    });
    this.#child = child;
    const kill = (): void => this.kill();
    signal.addEventListener('abort', kill, { once: true });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#onTimeout(), timeoutMs);
    try {
      return await new Promise<FfmpegEnd>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve(this.#report(code)));
        // When no file descriptor is left there are no pipes, only an error event.
        if (child.stdout && child.stderr) this.#connect(child, onSpawn);
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
    }
  }

  #connect(child: ChildProcess, onSpawn: OnSpawn): void {
    // The exit code already reports broken pipes.
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    this.#readLog(child.stderr as Readable);
    onSpawn(child, NO_TEXT, NO_TEXT);
  }

  /** Reads stderr to its end, because a full pipe would stall the process. Keeps a bounded part. */
  #readLog(stderr: Readable): void {
    let line = '';
    let length = 0;
    stderr.setEncoding('utf8').on('data', (text: string) => {
      length += text.length;
      if (length > MAX_LOG_LENGTH) return;
      const lines = (line + text).split(/[\r\n]+/);
      line = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
      for (const whole of lines) this.#onLine(whole.slice(0, MAX_LINE_LENGTH));
    });
    stderr.on('end', () => this.#onLine(line));
  }

  #onLine(line: string): void {
    this.#job.onLogLine?.(line);
    if (PROBLEM.test(line) && this.#problems.length < MAX_PROBLEMS) this.#problems.push(line);
  }

  #onTimeout(): void {
    this.#timedOut = true;
    this.kill();
  }

  #report(exitCode: number | null, failure?: Error): FfmpegEnd {
    return { exitCode, timedOut: this.#timedOut, problems: this.#problems, ...(failure && { failure }) };
  }
}

function environmentOf({ environment }: FfmpegProgram): { env?: Record<string, string> } {
  return environment ? { env: environment } : {};
}
