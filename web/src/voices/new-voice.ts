import type { Locale } from '../i18n/language.js';
import { element } from '../lib/elements.js';
import { Recorder } from '../lib/recorder.js';
import { problemText } from '../shell/problem-text.js';
import type { ApiClient } from '../service/api-client.js';
import type { Voice } from '../service/voices.js';
import { verdictElement } from './verdict-element.js';

/** Seconds. */
const LONGEST_CONSENT = 20;
const LONGEST_SAMPLE = 60;

/** The form for a new voice: whose it is, the consent in their own words, and a sample of their voice. */
export class NewVoice {
  readonly element: HTMLFormElement;
  readonly #locale: Locale;
  readonly #api: ApiClient;
  readonly #onCreated: (voice: Voice) => void;
  readonly #person: HTMLInputElement;
  readonly #name: HTMLInputElement;
  readonly #stated: HTMLInputElement;
  readonly #sentence = element('blockquote', { class: 'consent', dir: 'rtl', lang: 'ar' });
  readonly #result = element('div', { role: 'status' });
  readonly #submit: HTMLButtonElement;
  readonly #consentRecorder: Recorder;
  readonly #sampleRecorder: Recorder;
  #consent: File | null = null;
  #sample: File | null = null;

  constructor(locale: Locale, api: ApiClient, onCreated: (voice: Voice) => void) {
    this.#locale = locale;
    this.#api = api;
    this.#onCreated = onCreated;
    const { voices } = locale.words;
    const field = { class: 'input', required: true, maxlength: 100, autocomplete: 'off', dir: 'auto' };
    this.#person = element('input', { ...field, id: 'voice-person' });
    this.#name = element('input', { ...field, id: 'voice-name' });
    this.#stated = element('input', { type: 'checkbox', required: true, id: 'voice-consent' });
    this.#submit = element('button', { type: 'submit', class: 'button primary' }, voices.create);
    this.#consentRecorder = this.#recorder(LONGEST_CONSENT, false, (file) => (this.#consent = file));
    this.#sampleRecorder = this.#recorder(LONGEST_SAMPLE, true, (file) => (this.#sample = file));
    this.element = this.#form();
    this.#person.addEventListener('input', () => this.#writeSentence());
    this.#writeSentence();
  }

  close(): void {
    this.#consentRecorder.close();
    this.#sampleRecorder.close();
  }

  #recorder(longestSeconds: number, takesFiles: boolean, onFile: (file: File | null) => void): Recorder {
    const onProblem = (error: unknown): void => this.#showProblem(problemText(error, this.#locale.words));
    return new Recorder(this.#locale, { longestSeconds, takesFiles, onFile, onProblem });
  }

  #form(): HTMLFormElement {
    const { voices } = this.#locale.words;
    const step = (title: string, ...content: HTMLElement[]): HTMLElement =>
      element('fieldset', { class: 'step stack tight' }, element('legend', {}, title), ...content);
    const form = element(
      'form',
      { class: 'card stack', 'aria-labelledby': 'new-voice-title' },
      element('h2', { id: 'new-voice-title' }, voices.newVoice),
      step(
        voices.who,
        element('label', { class: 'field' }, voices.person, this.#person),
        element('label', { class: 'field' }, voices.name, this.#name),
      ),
      step(
        voices.consent,
        element('p', { class: 'muted' }, voices.consentHint),
        this.#sentence,
        this.#consentRecorder.element,
        element('label', { class: 'check' }, this.#stated, voices.stated),
      ),
      step(voices.sample, element('p', { class: 'muted' }, voices.sampleHint), this.#sampleRecorder.element),
      element('div', { class: 'row' }, this.#submit),
      this.#result,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#create();
    });
    return form;
  }

  /** Always in Arabic: it is what the person says. */
  #writeSentence(): void {
    const person = this.#person.value.trim() || '…';
    this.#sentence.textContent = `أنا ${person}، وموافق إن التسجيل ده يتعمل منه صوت صناعي بصوتي على كلّمني.`;
  }

  async #create(): Promise<void> {
    const { voices } = this.#locale.words;
    if (!this.#consent) return this.#showProblem(voices.consentMissing);
    if (!this.#sample) return this.#showProblem(voices.sampleMissing);
    this.#submit.disabled = true;
    this.#result.replaceChildren(element('p', { class: 'muted' }, voices.creating));
    try {
      const voice = await this.#send(this.#consent, this.#sample);
      this.#result.replaceChildren(verdictElement(this.#locale, voice));
      this.#onCreated(voice);
    } catch (error) {
      this.#showProblem(problemText(error, this.#locale.words));
    } finally {
      this.#submit.disabled = false;
    }
  }

  /** The consent first: the voice refers to it and keeps a copy as its proof, so the upload itself is deleted afterwards. */
  async #send(consent: File, sample: File): Promise<Voice> {
    const api = this.#api;
    const post = (path: string, fields: Record<string, string | File>): Promise<{ id: string }> => {
      const body = new FormData();
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      return api.json(path, { method: 'POST', body });
    };
    const person = this.#person.value.trim();
    const given = await post('v1/audio/voice_consents', {
      name: person,
      language: 'ar-EG',
      recording: consent,
    });
    try {
      const name = this.#name.value.trim();
      const { id } = await post('v1/audio/voices', { name, consent: given.id, audio_sample: sample });
      return await api.json<Voice>(`v1/voices/${id}`);
    } finally {
      await api.request(`v1/audio/voice_consents/${given.id}`, { method: 'DELETE' });
    }
  }

  #showProblem(text: string): void {
    this.#result.replaceChildren(element('p', { class: 'notice notice-warning', role: 'alert' }, text));
  }
}
