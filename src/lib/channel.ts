/**
 * A bounded queue between one producer and one consumer: `push` waits while the queue is full, iteration waits
 * while it is empty. Leaving the iteration early closes the channel, and later pushes reject, so a producer
 * learns that nobody listens any more.
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #values: T[] = [];
  #state: 'open' | 'ended' | 'failed' | 'closed' = 'open';
  #error: unknown;
  #wakeConsumer: (() => void) | undefined;
  readonly #wakeProducers: (() => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Waits for room. Rejects with ChannelClosed once the consumer has left or the channel has ended. */
  async push(value: T): Promise<void> {
    while (this.#state === 'open' && this.#values.length >= this.#capacity) {
      await new Promise<void>((resolve) => this.#wakeProducers.push(resolve));
    }
    if (this.#state !== 'open') throw new ChannelClosed();
    this.#values.push(value);
    this.#notifyConsumer();
  }

  /** No more values: the consumer finishes after it has read what is queued. */
  end(): void {
    if (this.#state === 'open') this.#finish('ended');
  }

  /** The consumer reads what is queued, then sees `error`. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#finish('failed');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const value = this.#values.shift();
        if (value !== undefined) {
          this.#wakeProducers.shift()?.();
          yield value;
        } else if (this.#state === 'failed') {
          throw this.#error;
        } else if (this.#state !== 'open') {
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wakeConsumer = resolve));
        }
      }
    } finally {
      this.#values.length = 0;
      this.#finish('closed');
    }
  }

  #finish(state: 'ended' | 'failed' | 'closed'): void {
    this.#state = state;
    this.#notifyConsumer();
    for (const wake of this.#wakeProducers.splice(0)) wake();
  }

  #notifyConsumer(): void {
    this.#wakeConsumer?.();
    this.#wakeConsumer = undefined;
  }
}

export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
  constructor() {
    super('The channel is closed: its consumer has left or its producer has ended it.');
  }
}
