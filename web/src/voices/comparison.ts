import type { Locale } from '../i18n/language.js';
import { button, element, fill } from '../lib/elements.js';
import type { Voice } from '../service/voices.js';
import type { SpeechSamples } from './speech-button.js';

/** At most this many voices say the sentence, one after the other. */
const MOST_VOICES = 4;

/** Several voices say the same sentence. */
export class Comparison {
  readonly element: HTMLElement;
  readonly #locale: Locale;
  readonly #samples: SpeechSamples;
  readonly #onProblem: (error: unknown) => void;
  readonly #choices = element('div', { class: 'row' });
  readonly #results = element('ul', { class: 'stack tight' });
  readonly #text: HTMLTextAreaElement;
  readonly #button: HTMLButtonElement;
  readonly #urls: string[] = [];
  readonly #closing = new AbortController();

  constructor(locale: Locale, samples: SpeechSamples, onProblem: (error: unknown) => void) {
    this.#locale = locale;
    this.#samples = samples;
    this.#onProblem = onProblem;
    const { voices } = locale.words;
    this.#text = element('textarea', { class: 'input', rows: 2, maxlength: 300, dir: 'auto', lang: 'ar' });
    this.#text.value = voices.sentence;
    this.#button = button(voices.compareNow, () => void this.#run(), { class: 'button primary' });
    this.element = element(
      'section',
      { class: 'card stack', 'aria-labelledby': 'compare-title' },
      element('h2', { id: 'compare-title' }, voices.compare),
      element('label', { class: 'field' }, voices.sentenceLabel, this.#text),
      element(
        'fieldset',
        { class: 'step' },
        element('legend', {}, voices.compareWhich(String(MOST_VOICES))),
        this.#choices,
      ),
      element('div', { class: 'row' }, this.#button),
      this.#results,
    );
  }

  get sentence(): string {
    return this.#text.value.trim() || this.#locale.words.voices.sentence;
  }

  /** Shows the voices that can be chosen, own ones first. */
  setVoices(voices: readonly Voice[]): void {
    const sorted = [...voices].sort(
      (one, other) => Number(one.type === 'built_in') - Number(other.type === 'built_in'),
    );
    fill(
      this.#choices,
      ...sorted.map(({ id, name }, index) =>
        element(
          'label',
          { class: 'check chip' },
          element('input', { type: 'checkbox', value: id, checked: index < 2 }),
          element('bdi', {}, name),
        ),
      ),
    );
  }

  close(): void {
    this.#closing.abort();
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  async #run(): Promise<void> {
    const chosen = [...this.#choices.querySelectorAll('input')].filter(({ checked }) => checked);
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    fill(this.#results);
    this.#button.disabled = true;
    try {
      for (const { value, parentElement } of chosen.slice(0, MOST_VOICES)) {
        const speech = await this.#samples.speak(value, this.sentence, this.#closing.signal);
        this.#add(parentElement?.textContent ?? value, speech);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#onProblem(error);
    } finally {
      this.#button.disabled = false;
    }
  }

  #add(name: string, speech: Blob): void {
    const url = URL.createObjectURL(speech);
    this.#urls.push(url);
    const player = element('audio', { controls: true, src: url, 'aria-label': name });
    this.#results.append(element('li', { class: 'stack tight' }, element('bdi', {}, name), player));
  }
}
