import type { SpeechToText, TranscribeOptions } from '../engines/stt/speech-to-text.js';
import { abortable } from '../lib/abort.js';

/**
 * Runs the caption jobs of all sessions one at a time, in order of arrival, and none during a transcription that a
 * caller awaits. A running caption job is stopped for such a transcription. A job reads its audio when its turn comes,
 * so it never decodes outdated audio.
 */
export class CaptionLane {
  readonly #waiting: ((turn: AbortController) => void)[] = [];
  #urgent = 0;
  /** Stops the running job. */
  #running: AbortController | null = null;

  /** Stops the running caption; none starts before the returned function is called. */
  hold(): () => void {
    this.#urgent += 1;
    this.#running?.abort(new DOMException('More urgent work has arrived.', 'AbortError'));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#urgent -= 1;
      this.#startNext();
    };
  }

  /**
   * Runs `job` when its turn comes. Resolves with null when more urgent work stopped it. Rejects with the error of the job,
   * or with the reason of `signal`.
   */
  async run<T>(job: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | null> {
    signal.throwIfAborted();
    const turn = await this.#turn(signal);
    const stop = (): void => turn.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      return turn.signal.aborted ? null : await job(turn.signal);
    } catch (error) {
      if (turn.signal.aborted && !signal.aborted) return null;
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#end(turn);
    }
  }

  async #turn(signal: AbortSignal): Promise<AbortController> {
    const entered = new Promise<AbortController>((resolve) => this.#waiting.push(resolve));
    const enter = this.#waiting.at(-1);
    this.#startNext();
    try {
      return await abortable(entered, signal);
    } catch (error) {
      const index = this.#waiting.findIndex((waiting) => waiting === enter);
      if (index >= 0) this.#waiting.splice(index, 1);
      else this.#end(await entered);
      throw error;
    }
  }

  #startNext(): void {
    if (this.#urgent > 0 || this.#running) return;
    const enter = this.#waiting.shift();
    if (enter) enter((this.#running = new AbortController()));
  }

  #end(turn: AbortController): void {
    if (this.#running === turn) this.#running = null;
    this.#startNext();
  }
}

/** Wraps the recogniser: captions wait during a transcription that a caller awaits. */
export function withCaptionsHeld(speechToText: SpeechToText, lane: Pick<CaptionLane, 'hold'>): SpeechToText {
  const holds = ({ priority = 'interactive' }: TranscribeOptions): boolean => priority === 'interactive';
  return {
    id: speechToText.id,
    capabilities: speechToText.capabilities,
    transcribe: async (audio, options, signal) => {
      const release = holds(options) ? lane.hold() : undefined;
      try {
        return await speechToText.transcribe(audio, options, signal);
      } finally {
        release?.();
      }
    },
    async *stream(audio, options, signal) {
      const release = holds(options) ? lane.hold() : undefined;
      try {
        yield* speechToText.stream(audio, options, signal);
      } finally {
        release?.();
      }
    },
  };
}
