import { button, element, fill } from '../lib/elements.js';
import { icon } from '../lib/icons.js';
import type { ApiClient } from '../service/api-client.js';

/** Sentences spoken by voices, in one player. A new one replaces the one that plays. */
export class SpeechSamples {
  readonly element = element('audio', { hidden: true });
  readonly #api: ApiClient;
  readonly #onProblem: (error: unknown) => void;
  #url: string | null = null;
  #call: AbortController | null = null;

  constructor(api: ApiClient, onProblem: (error: unknown) => void) {
    this.#api = api;
    this.#onProblem = onProblem;
  }

  /** A button that speaks the text with this voice. */
  button(label: string, voice: string, text: () => string): HTMLButtonElement {
    const created = button(null, () => void this.#play(created, voice, text()));
    fill(created, icon('play'), label);
    return created;
  }

  /** The speech as a blob. Throws ApiError. */
  async speak(voice: string, text: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.#api.request('v1/speak', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text, voice, format: 'mp3' }),
      ...(signal && { signal }),
    });
    return response.blob();
  }

  close(): void {
    this.#call?.abort();
    this.element.pause();
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  async #play(pressed: HTMLButtonElement, voice: string, text: string): Promise<void> {
    this.close();
    const call = new AbortController();
    this.#call = call;
    pressed.disabled = true;
    try {
      this.#url = URL.createObjectURL(await this.speak(voice, text, call.signal));
      this.element.src = this.#url;
      await this.element.play();
    } catch (error) {
      if (!call.signal.aborted) this.#onProblem(error);
    } finally {
      pressed.disabled = false;
    }
  }
}
