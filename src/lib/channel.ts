/**
 * A bounded queue between one producer and one consumer: `push` waits while the queue is full, iteration waits
 * while it is empty. Leaving the iteration early closes the channel, and later pushes reject, so a producer
 * learns that its consumer has left.
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #weigh: (value: T) => number;
  readonly #values: T[] = [];
  #weight = 0;
  #state: 'open' | 'ended' | 'failed' | 'closed' = 'open';
  #error: unknown;
  #wakeConsumer: (() => void) | undefined;
  readonly #wakeProducers: (() => void)[] = [];

  /** `capacity` limits the total weight of the queued values; without `weigh`, their number. */
  constructor(capacity: number, weigh: (value: T) => number = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  /**
   * Waits for room; an empty channel has room for any one value. Rejects with ChannelClosed once the consumer has left or
   * the channel has ended.
   */
  async push(value: T): Promise<void> {
    while (this.#state === 'open' && !this.#hasRoom(value)) {
      await new Promise<void>((resolve) => this.#wakeProducers.push(resolve));
    }
    this.pushNow(value);
  }

  /**
   * Adds a value even beyond the capacity, for a producer that must not wait and limits the queue itself. Throws where
   * `push` would reject.
   */
  pushNow(value: T): void {
    if (this.#state !== 'open') throw new ChannelClosed();
    this.#values.push(value);
    this.#weight += this.#weigh(value);
    this.#notifyConsumer();
  }

  /** Ends the channel: the consumer finishes after it has read the queued values. */
  end(): void {
    if (this.#state === 'open') this.#finish('ended');
  }

  /** Ends the channel with an error: the consumer reads the queued values, then gets `error`. */
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
          this.#weight -= this.#weigh(value);
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

  #hasRoom(value: T): boolean {
    return this.#values.length === 0 || this.#weight + this.#weigh(value) <= this.#capacity;
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
