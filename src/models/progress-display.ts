import type { ModelProgress, ModelStore } from './model-store.types.js';
import type { StoreLogger } from './store-logger.js';

/** The output of a command. */
export interface CommandOutput {
  write(text: string): void;
  error(text: string): void;
  /** True for a terminal, where lines can be overwritten. */
  isTerminal: boolean;
}

const REDRAW_MS = 200;
const BAR_WIDTH = 30;

/** Shows the progress of downloads: a bar on a terminal, otherwise the store's own lines. Warnings are always shown. */
export class ProgressDisplay {
  readonly #output: CommandOutput;
  readonly logger: StoreLogger;

  constructor(output: CommandOutput) {
    this.#output = output;
    const warn = (fields: object, message: string): void =>
      output.error(`${this.#eraser}${message}${describeFields(fields)}\n`);
    this.logger = {
      // Debug lines explain to the user of a command why nothing moves.
      debug: warn,
      info: (fields, message) => {
        if (!output.isTerminal) output.write(`${message}${describeFields(fields)}\n`);
      },
      warn,
    };
  }

  /** Draws the store's progress until the work is done. */
  async follow<T>(store: ModelStore, work: () => Promise<T>): Promise<T> {
    if (!this.#output.isTerminal) return work();
    const timer = setInterval(() => {
      const active = store.progress().find(({ state }) => state !== 'ready' && state !== 'failed');
      if (active) this.#output.write(`${this.#eraser}${drawBar(active)}`);
    }, REDRAW_MS);
    try {
      return await work();
    } finally {
      clearInterval(timer);
      this.#output.write(this.#eraser);
    }
  }

  /** Moves to the start of the line and clears it. */
  get #eraser(): string {
    return this.#output.isTerminal ? '\r\u001B[2K' : '';
  }
}

/**
 * `whisper-base  [#####.....]  53 %  40 MB of 76 MB  onnx/model.onnx`, and the current step unless it is the download.
 */
function drawBar({ id, percent, received, total, state, file = '' }: ModelProgress): string {
  const filled = Math.round((percent / 100) * BAR_WIDTH);
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.');
  const doing = state === 'downloading' ? file : `${state} ${file}`;
  return `${id}  [${bar}]  ${percent} %  ${formatBytes(received)} of ${formatBytes(total)}  ${doing}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function describeFields(fields: object): string {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return known.length === 0
    ? ''
    : ` (${known.map(([name, value]) => `${name} ${String(value)}`).join(', ')})`;
}
