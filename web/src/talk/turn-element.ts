import type { Dictionary } from '../i18n/ar.js';
import { element, fill } from '../lib/elements.js';
import { clauseAt, type Reply, type Turn } from './conversation.js';

/** One turn of the conversation on the page: what was heard, and the reply with the clause that is spoken now. */
export class TurnElement {
  readonly element = element('li', { class: 'turn' });
  readonly #words: Dictionary;
  readonly #heard = element('p', { class: 'bubble bubble-user', dir: 'auto' });
  readonly #reply = element('p', { class: 'bubble bubble-reply', dir: 'auto' });
  readonly #note = element('p', { class: 'muted small' });
  #clauses: HTMLElement[] = [];

  constructor(words: Dictionary) {
    this.#words = words;
  }

  /** `playedMs` of the reply's audio were heard; `audible` while more of it is playing. Returns true when it has grown. */
  update(turn: Turn, playedMs: number, audible: boolean): boolean {
    const height = this.element.offsetHeight;
    const { heard, problem, reply } = turn;
    const text = problem === null ? heard : this.#words.talk.notUnderstood;
    if (this.#heard.textContent !== text) this.#heard.textContent = text;
    this.#heard.classList.toggle('provisional', !turn.final && problem === null);
    if (reply) this.#updateReply(reply, playedMs, audible);
    const note = this.#noteOf(turn);
    if (this.#note.textContent !== note) this.#note.textContent = note;
    const parts = [
      text === '' ? null : this.#said(this.#words.talk.you, this.#heard),
      reply && reply.clauses.length > 0 ? this.#said(this.#words.talk.assistant, this.#reply) : null,
      note === '' ? null : this.#note,
    ].filter((part) => part !== null);
    const shown = [...this.element.children];
    if (parts.length !== shown.length) fill(this.element, ...parts);
    return this.element.offsetHeight > height;
  }

  #said(who: string, bubble: HTMLElement): HTMLElement {
    const known = bubble.parentElement;
    if (known) return known;
    return element(
      'div',
      { class: 'said' },
      element('span', { class: 'visually-hidden' }, `${who}: `),
      bubble,
    );
  }

  #updateReply(reply: Reply, playedMs: number, audible: boolean): void {
    for (const clause of reply.clauses.slice(this.#clauses.length)) {
      const span = element('span', { class: 'clause' }, clause.text);
      if (this.#clauses.length > 0 && !/^\s/.test(clause.text)) this.#reply.append(' ');
      this.#clauses.push(span);
      this.#reply.append(span);
    }
    const spoken = audible ? clauseAt(reply, playedMs) : -1;
    this.#clauses.forEach((span, index) => {
      span.classList.toggle('spoken-now', index === spoken);
      const unheard = reply.state === 'interrupted' && (reply.clauses[index]?.startMs ?? 0) > playedMs;
      span.classList.toggle('unheard', unheard);
    });
  }

  #noteOf({ problem, reply, warnings }: Turn): string {
    const { talk } = this.#words;
    const notes = [
      problem ?? '',
      reply?.state === 'interrupted' ? talk.interrupted : '',
      reply?.state === 'failed' ? `${talk.failed}. ${reply.error ?? ''}` : '',
      ...warnings,
    ];
    return notes.filter((note) => note !== '').join(' · ');
  }
}
