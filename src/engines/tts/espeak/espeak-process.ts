import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Clock } from '../../../lib/clock.js';

const STDERR_LIMIT = 2_000;

export interface EspeakRun {
  path: string;
  /** The whole environment of the process. */
  environment: Record<string, string>;
  args: readonly string[];
  /** Sent to standard input, not as an argument, so that no text can be parsed as an option. */
  input: string;
  /** Longest time without output while a reader waits. */
  timeoutMs: number;
  clock: Clock;
  /** Called once the process has exited, for whatever reason. */
  onEnd: () => void;
}

/** The program is missing, or its process failed or timed out. */
export class EspeakFailure extends Error {
  override readonly name = 'EspeakFailure';
  readonly kind: 'missing' | 'failed' | 'timeout';

  constructor(kind: EspeakFailure['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/**
 * The standard output of one espeak-ng process. Leaving the loop or aborting kills it at once. Throws EspeakFailure with the
 * process's standard error, or the signal's reason.
 */
export async function* runEspeak(
  run: EspeakRun,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const child = start(run, signal);
  const ended = whenEnded(child, run.onEnd);
  const complaint = collectStderr(child);
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  // The exit code reports a process that dies before it has read all input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(run.input);
  try {
    const silent = yield* readInTime(child, run);
    const { code, error } = await ended;
    signal.throwIfAborted();
    if (error) throw notStarted(error);
    if (silent) throw new EspeakFailure('timeout', `espeak-ng wrote nothing for ${run.timeoutMs} ms`);
    if (code !== 0) throw new EspeakFailure('failed', `espeak-ng ended with ${code}: ${complaint()}`);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function start(
  { path, args, environment, onEnd }: EspeakRun,
  signal: AbortSignal,
): ChildProcessWithoutNullStreams {
  if (signal.aborted) {
    onEnd();
    throw signal.reason;
  }
  try {
    // In its own process group, because Ctrl-C in a terminal is for the service, which lets running calls finish.
    return spawn(path, args, { stdio: 'pipe', env: environment, detached: true });
  } catch (error) {
    onEnd();
    throw notStarted(error as NodeJS.ErrnoException);
  }
}

function notStarted(error: NodeJS.ErrnoException): EspeakFailure {
  const kind = ['ENOENT', 'EACCES', 'ENOTDIR'].includes(error.code ?? '') ? 'missing' : 'failed';
  return new EspeakFailure(kind, `espeak-ng could not be started: ${error.message}`, error);
}

/**
 * Kills the process when its reader waits too long for output. Time that the reader spends elsewhere does not count.
 */
async function* readInTime(
  child: ChildProcessWithoutNullStreams,
  { clock, timeoutMs }: EspeakRun,
): AsyncGenerator<Buffer, boolean, undefined> {
  let silent = false;
  const watch = () =>
    clock.after(timeoutMs, () => {
      silent = true;
      child.kill('SIGKILL');
    });
  let deadline = watch();
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      deadline.cancel();
      yield chunk;
      deadline = watch();
    }
  } finally {
    deadline.cancel();
  }
  return silent;
}

function whenEnded(
  child: ChildProcessWithoutNullStreams,
  onEnd: () => void,
): Promise<{ code: number | NodeJS.Signals | null; error?: Error }> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      // A running process can also emit an error (a signal could not be sent); its exit event still follows.
      if (child.pid !== undefined) return;
      onEnd();
      resolve({ code: null, error });
    });
    // The process has ended with `exit`. `close` waits until its output is read, which may never happen.
    child.once('exit', onEnd);
    child.once('close', (code, killer) => {
      if (child.pid === undefined) return;
      resolve({ code: code ?? killer });
    });
  });
}

function collectStderr(child: ChildProcessWithoutNullStreams): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(0, STDERR_LIMIT);
  });
  return () => text.trim();
}
