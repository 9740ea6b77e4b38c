import { element } from '../lib/elements.js';
import { icon } from '../lib/icons.js';
import { problemText } from '../shell/problem-text.js';
import type { CreateView, PageContext, View } from '../shell/view.js';
import { FileCard } from './file-card.js';
import type { Job } from './job.js';

export const createView: CreateView = (page) => new FilesView(page);

const MOST_JOBS = 20;

/** Files: long recordings and videos, transcribed in the background. */
class FilesView implements View {
  readonly element: HTMLElement;
  readonly #page: PageContext;
  readonly #cards = new Set<FileCard>();
  readonly #list = element('ul', { class: 'stack', id: 'files' });
  readonly #problem = element('p', { class: 'notice notice-warning', role: 'alert', hidden: true });
  readonly #speakers = element('input', { type: 'checkbox' });
  readonly #closing = new AbortController();

  constructor(page: PageContext) {
    this.#page = page;
    const { files } = page.locale.words;
    this.element = element(
      'div',
      { class: 'stack' },
      element('h1', {}, files.title),
      element('p', { class: 'muted lead' }, files.hint),
      this.#dropZone(),
      element('label', { class: 'check' }, this.#speakers, files.tellSpeakers),
      this.#problem,
      this.#list,
    );
    void this.#loadJobs();
  }

  close(): void {
    this.#closing.abort();
    for (const card of this.#cards) card.close();
  }

  #dropZone(): HTMLElement {
    const { files } = this.#page.locale.words;
    const input = element('input', {
      type: 'file',
      multiple: true,
      accept: 'audio/*,video/*',
      class: 'visually-hidden',
    });
    const zone = element('label', { class: 'drop-zone file-button' }, icon('upload'), files.drop, input);
    input.addEventListener('change', () => {
      this.#add(input.files);
      // The same file can be chosen again.
      input.value = '';
    });
    zone.addEventListener('dragover', (event) => {
      event.preventDefault();
      zone.toggleAttribute('data-over', true);
    });
    zone.addEventListener('dragleave', () => zone.removeAttribute('data-over'));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      zone.removeAttribute('data-over');
      this.#add(event.dataTransfer?.files ?? null);
    });
    return zone;
  }

  #add(files: FileList | null): void {
    for (const file of files ?? []) {
      const card = this.#card(file.name, file);
      this.#list.prepend(card.element);
      void card.start(file, { diarize: this.#speakers.checked });
    }
  }

  /** The jobs of earlier visits. */
  async #loadJobs(): Promise<void> {
    try {
      const { signal } = this.#closing;
      const { data } = await this.#page.api.json<{ data: Job[] }>(`v1/jobs?limit=${MOST_JOBS}`, { signal });
      for (const job of data.filter(({ type }) => type === 'transcription')) {
        const card = this.#card(job.input.filename ?? job.id, null);
        this.#list.append(card.element);
        void card.follow(job).catch((error: unknown) => this.#showProblem(error));
      }
    } catch (error) {
      this.#showProblem(error);
    }
  }

  #card(name: string, file: File | null): FileCard {
    const card: FileCard = new FileCard(this.#page, name, file, () => this.#cards.delete(card));
    this.#cards.add(card);
    return card;
  }

  #showProblem(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#problem.textContent = problemText(error, this.#page.locale.words);
    this.#problem.hidden = false;
  }
}
