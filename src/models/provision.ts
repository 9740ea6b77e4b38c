import { join } from 'node:path';
import { isAbort } from '../lib/abort.js';
import { AppError, messageOf, unavailable } from '../lib/errors.js';
import type { Logger } from '../observability/logger.js';
import type { Manifest } from './manifest.js';
import type { LocalModel, ModelProgress, ModelStore } from './model-store.types.js';

const RETRY_MS = 30_000;
/** What callers are told to wait while a model is on its way. */
const HINT_MS = 5_000;

/**
 * Brings one model to this machine and keeps trying until it is there: the service answers other calls meanwhile, and
 * calls that need this model are told how far it is.
 */
export class ModelProvision {
  readonly #store: ModelStore;
  readonly #manifest: Manifest;
  readonly #variant: string | undefined;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #local: Promise<LocalModel> | undefined;
  #ready = false;
  #failure: string | undefined;

  constructor(store: ModelStore, manifest: Manifest, variant: string | undefined, logger: Logger) {
    this.#store = store;
    this.#manifest = manifest;
    this.#variant = variant;
    this.#logger = logger;
  }

  get id(): string {
    return this.#manifest.id;
  }

  get licence(): string {
    return this.#manifest.licence;
  }

  /** The path of a model's only file; waits until it is there. */
  async onlyFile(): Promise<string> {
    const { directory } = await this.local();
    return join(directory, this.#manifest.files[0]?.path ?? '');
  }

  /** Where the model lies; waits until it is there. Rejects only when the provision is closed. */
  local(): Promise<LocalModel> {
    return (this.#local ??= this.#bring());
  }

  /** Why the model cannot be used yet; null when it can. */
  unavailable(): AppError | null {
    if (this.#ready) return null;
    const progress = this.progress();
    const share = progress.state === 'downloading' ? ` (${Math.floor(progress.percent)} % is here)` : '';
    const why =
      this.#failure === undefined
        ? `is being fetched${share}`
        : 'could not be fetched; the service keeps trying';
    return unavailable(`The model ${this.id} ${why}. GET /ready shows how far it is.`, HINT_MS, {
      code: 'model_not_ready',
    });
  }

  progress(): ModelProgress {
    const known = this.#store.progress().find((model) => model.id === this.id);
    const progress = known ?? { id: this.id, state: 'missing' as const, received: 0, total: 0, percent: 0 };
    return this.#failure === undefined || this.#ready
      ? progress
      : { ...progress, state: 'failed', error: this.#failure };
  }

  close(): void {
    this.#stop.abort();
  }

  async #bring(): Promise<LocalModel> {
    for (;;) {
      try {
        const options = this.#variant === undefined ? {} : { variant: this.#variant };
        const local = await this.#store.ensure(this.#manifest, { ...options, signal: this.#stop.signal });
        this.#ready = true;
        return local;
      } catch (error) {
        if (isAbort(error)) throw error;
        this.#failure = error instanceof AppError ? error.message : 'an unexpected error; see the log';
        this.#logger.error(
          { model: this.id, reason: messageOf(error) },
          'model could not be fetched, trying again in a while',
        );
      }
      await this.#pause();
      this.#failure = undefined;
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, RETRY_MS).unref();
      this.#stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(this.#stop.signal.reason as Error);
      });
    });
  }
}
