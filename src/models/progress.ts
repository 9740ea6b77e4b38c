import type { ManifestFile } from './manifest.js';
import type { ModelProgress } from './model-store.types.js';
import type { StoreLogger } from './store-logger.js';

/** Tracks one model from missing to ready and logs the start, every tenth and the end of its download. */
export class ModelTracker {
  readonly #id: string;
  readonly #logger: StoreLogger;
  readonly #files = new Map<string, { received: number; total: number }>();
  #state: ModelProgress['state'];
  #file: string | undefined;
  #error: string | undefined;
  #retrying: string | undefined;
  #startedAt: number | undefined;
  #loggedTenths = 0;

  /** A model that was ready stays ready while it is only checked again. */
  constructor(
    id: string,
    files: readonly ManifestFile[],
    logger: StoreLogger,
    state: 'missing' | 'ready' = 'missing',
  ) {
    this.#id = id;
    this.#logger = logger;
    this.#state = state;
    for (const { path, size, optional } of files) {
      if (!optional) this.#files.set(path, { received: 0, total: size ?? 0 });
    }
  }

  /** Sets the current step and its file. */
  working(state: 'waiting' | 'downloading' | 'verifying', file: string): void {
    this.#state = state;
    this.#file = file;
    if (state === 'downloading' && this.#startedAt === undefined) {
      this.#startedAt = performance.now();
      this.#logger.info({ model: this.#id, bytes: this.#sum().total }, 'Model download started');
    }
  }

  /** Sets the size of a file, from the manifest, the hub or the disk. */
  expect(file: string, total: number): void {
    this.#files.set(file, { received: this.#files.get(file)?.received ?? 0, total });
  }

  /** The connection failed and will be retried. */
  retrying(reason: string): void {
    this.#retrying = reason;
  }

  received(file: string, received: number): void {
    this.#retrying = undefined;
    this.#files.set(file, { received, total: Math.max(received, this.#files.get(file)?.total ?? 0) });
    if (this.#state === 'downloading') this.#logTenth();
  }

  complete(file: string, size: number): void {
    this.#files.set(file, { received: size, total: size });
    if (this.#startedAt !== undefined) this.#logTenth();
  }

  ready(): void {
    this.#state = 'ready';
    this.#file = undefined;
    this.#retrying = undefined;
    if (this.#startedAt === undefined) return;
    const milliseconds = Math.round(performance.now() - this.#startedAt);
    this.#logger.info(
      { model: this.#id, bytes: this.#sum().received, milliseconds },
      'Model download finished',
    );
  }

  failed(error: string): void {
    this.#state = 'failed';
    this.#retrying = undefined;
    this.#error = error;
  }

  /** All callers have left. */
  abandoned(): void {
    this.#state = 'missing';
    this.#file = undefined;
    this.#retrying = undefined;
  }

  snapshot(): ModelProgress {
    const { received, total } = this.#sum();
    return {
      id: this.#id,
      state: this.#state,
      ...(this.#file !== undefined && { file: this.#file }),
      received,
      total,
      percent: this.#percent(received, total),
      ...(this.#retrying !== undefined && { retrying: this.#retrying }),
      ...(this.#error !== undefined && { error: this.#error }),
    };
  }

  /** 100 only when the model can be used, because verification may still fail. */
  #percent(received: number, total: number): number {
    if (this.#state === 'ready') return 100;
    return total === 0 ? 0 : Math.min(99, Math.floor((received / total) * 100));
  }

  #logTenth(): void {
    const { received, total } = this.#sum();
    const percent = this.#percent(received, total);
    const tenths = Math.floor(percent / 10);
    if (tenths <= this.#loggedTenths) return;
    this.#loggedTenths = tenths;
    this.#logger.info({ model: this.#id, file: this.#file, percent, received, total }, 'Model download');
  }

  #sum(): { received: number; total: number } {
    const sum = { received: 0, total: 0 };
    for (const file of this.#files.values()) {
      sum.received += file.received;
      sum.total += file.total;
    }
    return sum;
  }
}
