import { button, element, fill } from '../lib/elements.js';
import { Recorder } from '../lib/recorder.js';
import { problemText } from '../shell/problem-text.js';
import type { PageContext } from '../shell/view.js';
import { showAnswer, type Answer } from './answer.js';
import { curlOf, requestOf, type CallInput, type TryCall } from './calls.js';

const LONGEST_SECONDS = 120;

/** One call: its fields, the same call as a command, and what it returned. */
export class CallForm {
  readonly element: HTMLElement;
  readonly #page: PageContext;
  readonly #call: TryCall;
  readonly #accept: HTMLSelectElement;
  readonly #choice: HTMLSelectElement;
  readonly #text: HTMLTextAreaElement;
  readonly #recorder: Recorder | null;
  readonly #command = element('pre', { class: 'code', dir: 'ltr', tabindex: 0 });
  readonly #answer = element('div', { role: 'status' });
  readonly #send: HTMLButtonElement;
  readonly #closing = new AbortController();
  #file: File | null = null;
  #shown: Answer | null = null;

  constructor(page: PageContext, call: TryCall) {
    this.#page = page;
    this.#call = call;
    this.#accept = select(call.accepts);
    this.#choice = select(call.choice?.values ?? []);
    this.#text = element('textarea', { class: 'input', rows: 2, dir: 'auto' });
    this.#text.value = call.text?.value ?? '';
    this.#recorder = call.takesRecording ? this.#createRecorder() : null;
    this.#send = button(page.locale.words.tryIt.send, () => void this.#run(), { class: 'button primary' });
    this.element = this.#layout();
    this.element.addEventListener('input', () => this.#showCommand());
    this.#showCommand();
  }

  close(): void {
    this.#closing.abort();
    this.#recorder?.close();
    this.#shown?.close();
  }

  #createRecorder(): Recorder {
    return new Recorder(this.#page.locale, {
      longestSeconds: LONGEST_SECONDS,
      takesFiles: true,
      onFile: (file) => {
        this.#file = file;
        this.#showCommand();
      },
      onProblem: (error) => this.#showProblem(problemText(error, this.#page.locale.words)),
    });
  }

  #layout(): HTMLElement {
    const { tryIt } = this.#page.locale.words;
    const { id, path, text, choice, accepts } = this.#call;
    const title = `try-${id}`;
    return element(
      'section',
      { class: 'card stack', 'aria-labelledby': title, 'data-call': id },
      element(
        'h2',
        { id: title },
        tryIt.calls[id],
        ' ',
        element('code', { class: 'muted small', dir: 'ltr' }, `POST /${path}`),
      ),
      this.#recorder?.element ?? null,
      text ? element('label', { class: 'field' }, tryIt.text, this.#text) : null,
      element(
        'div',
        { class: 'row' },
        choice ? element('label', { class: 'field ltr-field' }, choice.name, this.#choice) : null,
        accepts.length > 1 ? element('label', { class: 'field ltr-field' }, 'Accept', this.#accept) : null,
      ),
      element('details', {}, element('summary', { class: 'small' }, tryIt.command), this.#command),
      element('div', { class: 'row' }, this.#send),
      this.#answer,
    );
  }

  get #input(): CallInput {
    return {
      accept: this.#accept.value,
      text: this.#text.value,
      choice: this.#choice.value,
      file: this.#file,
    };
  }

  #showCommand(): void {
    const { api } = this.#page;
    const call = this.#call;
    this.#command.textContent = curlOf(call, api.url(call.path), this.#input, api.key.get() !== null);
  }

  async #run(): Promise<void> {
    const { api, locale } = this.#page;
    const { words, number } = locale;
    if (this.#recorder && !this.#file) return this.#showProblem(words.tryIt.recordingMissing);
    this.#send.disabled = true;
    fill(this.#answer, element('p', { class: 'muted' }, words.tryIt.waiting));
    const startedAt = performance.now();
    try {
      const request = { ...requestOf(this.#call, this.#input), signal: this.#closing.signal };
      const response = await api.request(this.#call.path, request);
      const milliseconds = words.talk.milliseconds(number(performance.now() - startedAt));
      this.#shown?.close();
      this.#shown = await showAnswer(response, milliseconds, words);
      fill(this.#answer, this.#shown.element);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#showProblem(problemText(error, words));
    } finally {
      this.#send.disabled = false;
    }
  }

  #showProblem(text: string): void {
    fill(this.#answer, element('p', { class: 'notice notice-warning', role: 'alert' }, text));
  }
}

function select(values: readonly string[]): HTMLSelectElement {
  return element(
    'select',
    { class: 'input', dir: 'ltr' },
    ...values.map((value) => element('option', { value }, value)),
  );
}
