import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { entryPoint } from '../lib/entry-point.js';

export type HashReply = { sha256: string } | { error: string };

/**
 * Hashes files one by one in its own thread, because the thread that serves sockets must not hash. The thread starts
 * with the first file. The creator of the Hasher closes it.
 */
export class Hasher {
  #worker: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** Lower-case hexadecimal SHA-256 of the file's content. Rejects when it cannot be read, the signal aborts, or on `close()`. */
  sha256(path: string, signal: AbortSignal): Promise<string> {
    const sum = this.#queue.then(() => this.#sum(path, signal));
    this.#queue = sum.catch(() => undefined);
    return sum;
  }

  /** Ends the thread, even in the middle of a file. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #sum(path: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const worker = (this.#worker ??= startWorker());
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        worker.off('message', onMessage).off('error', onFailure).off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        outcome();
      };
      const onMessage = (reply: HashReply) =>
        settle(() => ('sha256' in reply ? resolve(reply.sha256) : reject(new Error(reply.error))));
      const onFailure = (error: Error) => {
        this.#worker = undefined;
        settle(() => reject(error));
      };
      const onExit = () => onFailure(new Error('The hashing thread ended.'));
      const onAbort = () => settle(() => void this.close().then(() => reject(signal.reason as Error)));
      worker.on('message', onMessage).on('error', onFailure).on('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(path);
    });
  }
}

function startWorker(): Worker {
  const { path, execArgv } = entryPoint(import.meta.url, 'hash-worker');
  if (execArgv.length === 0) return new Worker(path);
  // A thread does not use the loader in execArgv, so a TypeScript file is loaded through the loader's own require.
  const loader = createRequire(import.meta.url).resolve('tsx/cjs/api');
  const script = `require(${JSON.stringify(loader)}).require(${JSON.stringify(path)}, ${JSON.stringify(loader)});`;
  return new Worker(script, { eval: true, execArgv: [] });
}
