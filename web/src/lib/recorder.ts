import { meterLevel } from '../audio/levels.js';
import { startRecording, type Recording } from '../audio/recording.js';
import type { Locale } from '../i18n/language.js';
import { button, element, fill } from './elements.js';
import { icon } from './icons.js';
import { createMeter } from './meter.js';

export interface RecorderOptions {
  longestSeconds: number;
  /** Files can be chosen as well. */
  takesFiles: boolean;
  /** A recording was made or chosen; null when a new one begins. */
  onFile: (file: File | null) => void;
  onProblem: (error: unknown) => void;
}

/** Records or takes a file, and plays it back. */
export class Recorder {
  readonly element: HTMLElement;
  readonly #locale: Locale;
  readonly #options: RecorderOptions;
  readonly #button: HTMLButtonElement;
  readonly #seconds = element('bdi', { class: 'muted' });
  readonly #meter;
  readonly #preview = element('div');
  #recording: Recording | null = null;
  #url: string | null = null;

  constructor(locale: Locale, options: RecorderOptions) {
    this.#locale = locale;
    this.#options = options;
    const { recorder, microphone } = locale.words;
    this.#button = button(recorder.record, () => void this.#press());
    this.#meter = createMeter(microphone.level, 'input');
    this.#meter.element.hidden = true;
    const choose = options.takesFiles ? this.#fileField(recorder.choose) : null;
    const row = element('div', { class: 'row' }, this.#button, choose, this.#seconds, this.#meter.element);
    this.element = element('div', { class: 'stack tight' }, row, this.#preview);
  }

  close(): void {
    this.#recording?.cancel();
    this.#recording = null;
    this.#forgetPreview();
  }

  #fileField(label: string): HTMLElement {
    const input = element('input', { type: 'file', accept: 'audio/*,video/*', class: 'visually-hidden' });
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file) this.#take(file);
    });
    return element('label', { class: 'button file-button' }, icon('upload'), label, input);
  }

  async #press(): Promise<void> {
    if (this.#recording) return this.#finish();
    this.#options.onFile(null);
    this.#forgetPreview();
    try {
      this.#recording = await startRecording({
        longestSeconds: this.#options.longestSeconds,
        onAudio: (samples) => this.#heard(samples),
        onEnd: () => this.#finish(),
      });
    } catch (error) {
      return this.#options.onProblem(error);
    }
    this.#meter.element.hidden = false;
    fill(this.#button, icon('stop'), this.#locale.words.recorder.stop);
  }

  #heard(samples: Float32Array): void {
    this.#meter.set(meterLevel(samples));
    const { words, number } = this.#locale;
    this.#seconds.textContent = words.talk.seconds(number(this.#recording?.seconds ?? 0, 1));
  }

  #finish(): void {
    const wav = this.#recording?.finish();
    this.#recording = null;
    this.#meter.element.hidden = true;
    fill(this.#button, this.#locale.words.recorder.again);
    if (wav) this.#take(new File([wav], 'recording.wav', { type: 'audio/wav' }));
  }

  #take(file: File): void {
    this.#forgetPreview();
    this.#url = URL.createObjectURL(file);
    const { recorder } = this.#locale.words;
    fill(
      this.#preview,
      element('audio', { controls: true, src: this.#url, 'aria-label': `${recorder.preview}: ${file.name}` }),
    );
    this.#options.onFile(file);
  }

  #forgetPreview(): void {
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
    fill(this.#preview);
  }
}
