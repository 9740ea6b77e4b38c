import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const LISTEN_WITHIN_MS = 60_000;
const READY_WITHIN_MS = 300_000;
const ASK_EVERY_MS = 200;
const LOG_TAIL = 30;

export interface ReadyAnswer {
  /** Models that are not here yet. */
  pending: unknown[];
  processes: { name: string; restarts: number; residentMb?: number }[];
}

/** The service behind some command (node, a container, a changed root) that passes its log and its exit code on. */
export class RunningService {
  readonly exited: Promise<number | null>;
  readonly #command: ChildProcess;
  readonly #log: string[] = [];
  readonly #listening: Promise<number>;
  #url = '';

  constructor(
    [command, args]: [string, string[]],
    options: { cwd?: string; env?: Record<string, string> } = {},
  ) {
    this.#command = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.exited = once(this.#command, 'close').then(([code]) => code as number | null);
    this.#listening = new Promise((resolve) => {
      for (const stream of [this.#command.stdout, this.#command.stderr]) {
        if (stream) createInterface(stream).on('line', (line) => this.#read(line, resolve));
      }
    });
  }

  get pid(): number {
    return this.#command.pid as number;
  }

  get url(): string {
    return this.#url;
  }

  /** Resolves when everything is loaded. */
  async ready(): Promise<void> {
    this.#url = `http://127.0.0.1:${await this.#orEnd(this.#listening, LISTEN_WITHIN_MS)}`;
    const deadline = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const response = await fetch(`${this.#url}/ready`);
      const body = await response.text();
      if (response.ok && (JSON.parse(body) as ReadyAnswer).pending.length === 0) return;
      if (performance.now() > deadline) throw new Error(`The service is not ready: ${body}`);
      await this.#orEnd(new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS)), LISTEN_WITHIN_MS);
    }
  }

  async state(): Promise<ReadyAnswer> {
    return (await (await fetch(`${this.#url}/ready`)).json()) as ReadyAnswer;
  }

  kill(): void {
    this.#command.kill('SIGKILL');
  }

  /** The last lines of the log, for the person who has to find out what went wrong. */
  get logTail(): string {
    return this.#log.join('\n');
  }

  #read(line: string, onPort: (port: number) => void): void {
    this.#log.push(line);
    if (this.#log.length > LOG_TAIL) this.#log.shift();
    const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
    if (port !== undefined) onPort(Number(port));
  }

  async #orEnd<T>(waited: Promise<T>, withinMs: number): Promise<T> {
    const tooLate = new AbortController();
    const timer = setTimeout(() => tooLate.abort(), withinMs);
    try {
      return await Promise.race([
        waited,
        this.exited.then((code) =>
          Promise.reject(new Error(`The service ended with ${code}:\n${this.logTail}`)),
        ),
        once(tooLate.signal, 'abort').then(() =>
          Promise.reject(new Error(`The service does not listen:\n${this.logTail}`)),
        ),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }
}
