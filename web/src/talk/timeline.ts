import type { Locale } from '../i18n/language.js';
import { element, fill } from '../lib/elements.js';
import type { Mark, Turn } from './conversation.js';

const ORDER: readonly Mark[] = ['voiceEnd', 'turnEnd', 'transcript', 'firstText', 'firstAudio', 'done'];

/** The moments of a turn in milliseconds after the user stopped speaking, in the order in which they came. */
export function momentsOf({ marks }: Turn): { mark: Mark; ms: number }[] {
  const start = marks.voiceEnd ?? marks.turnEnd;
  if (start === undefined) return [];
  return ORDER.flatMap((mark) => {
    const at = marks[mark];
    return at === undefined ? [] : [{ mark, ms: Math.round(at - start) }];
  }).sort((one, other) => one.ms - other.ms);
}

/** Shows where the time of the last turn went. */
export class Timeline {
  readonly element: HTMLElement;
  readonly #locale: Locale;
  readonly #list = element('ol', { class: 'timeline' });
  #shown = '';

  constructor(locale: Locale) {
    this.#locale = locale;
    this.element = element(
      'section',
      { class: 'card stack', hidden: true, 'aria-labelledby': 'timeline-title' },
      element('h2', { id: 'timeline-title', class: 'small-title' }, locale.words.talk.timeline),
      this.#list,
    );
  }

  update(turn: Turn | undefined): void {
    const moments = turn ? momentsOf(turn) : [];
    const now = JSON.stringify(moments);
    if (moments.length === 0 || now === this.#shown) return;
    this.#shown = now;
    this.element.hidden = false;
    const longest = Math.max(1, moments.at(-1)?.ms ?? 1);
    fill(this.#list, ...moments.map(({ mark, ms }) => this.#row(mark, ms, ms / longest)));
  }

  #row(mark: Mark, ms: number, share: number): HTMLElement {
    const { words, number } = this.#locale;
    const bar = element('span', { class: 'timeline-bar' });
    bar.style.setProperty('--share', share.toFixed(3));
    return element(
      'li',
      { class: 'timeline-row', 'data-mark': mark },
      element('span', { class: 'timeline-name' }, words.talk.marks[mark]),
      element('span', { class: 'timeline-track', 'aria-hidden': 'true' }, bar),
      element('bdi', { class: 'timeline-value' }, words.talk.milliseconds(number(ms))),
    );
  }
}
