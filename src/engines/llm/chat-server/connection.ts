import { abortable } from '../../../lib/abort.js';
import type { Clock } from '../../../lib/clock.js';
import { ChatServerError } from './chat-server-error.js';
import { readThrown } from './read-failure.js';

/** One request and its answer. It ends when its caller aborts or when the server times out. */
export class Connection {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #leave = (): void => this.#controller.abort(this.#caller.reason);

  /** Throws the reason of the caller's signal if it has aborted. */
  constructor(caller: AbortSignal, clock: Clock, timeoutMs: number) {
    caller.throwIfAborted();
    this.#caller = caller;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    caller.addEventListener('abort', this.#leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Awaits one step of the server for at most `mostMs`. Throws the caller's reason, or ChatServerError. `otherwise`
   * classifies a failure that the server did not explain.
   */
  async step<T>(
    promise: Promise<T>,
    otherwise: 'unreachable' | 'interrupted',
    mostMs = this.#timeoutMs,
  ): Promise<T> {
    const timer = this.#clock.after(Math.min(mostMs, this.#timeoutMs), () =>
      this.#controller.abort(new ChatServerError('silent')),
    );
    try {
      return await abortable(promise, this.signal);
    } catch (error) {
      this.#caller.throwIfAborted();
      throw readThrown(error, otherwise);
    } finally {
      timer.cancel();
    }
  }

  /** Closes the connection unless its answer was read to the end. */
  close(): void {
    this.#caller.removeEventListener('abort', this.#leave);
    this.#controller.abort();
  }
}
