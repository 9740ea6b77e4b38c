/** A mark of the text, or one that only joins: an ellipsis, and joints that vanish beside any other mark. */
export type Mark = '.' | '،' | '؟' | '!' | ':' | '؛' | 'ellipsis' | 'full-stop-joint' | 'comma-joint';

/** Letters that would be read as a title if a dot and a name followed them. */
const TITLE_LETTER = /^[وفبل]?[دأما]$/u;

const ARABIC_START = /^\p{Script=Arabic}/u;

/** Puts words and marks together: one space between words, none before a mark, one mark for a run of them. */
export class SpeechWriter {
  #text: string[] = [];
  #run: Mark[] = [];
  #lastWord = '';
  #prefix = '';

  /** Adds words; a prefix that waits is written on the first of them. */
  words(words: string): void {
    if (words === '') return;
    this.#writeRun();
    if (this.#text.length > 0) this.#text.push(' ');
    // A clitic is written on Arabic letters only; before a Latin word it stays apart.
    const apart = this.#prefix !== '' && !ARABIC_START.test(words);
    const written = this.#prefix + (apart ? ' ' : '') + words;
    this.#prefix = '';
    this.#text.push(written);
    this.#lastWord = written;
  }

  /** Keeps a clitic (و, ب, ال) for the next word. */
  prefix(prefix: string): void {
    this.#prefix += prefix;
  }

  /** Adds a mark. Joints and ellipses lose against what is there already. */
  mark(mark: Mark): void {
    // Only the first real mark, the first of all and a question mark can decide, so a long run stays short.
    const joint = mark.endsWith('-joint');
    if (joint && this.#run.length > 0) return;
    if (this.#run.length < 3 || mark === '؟') this.#run = [...this.#run.slice(0, 3), mark];
  }

  finish(): string {
    this.#writePrefix();
    if (this.#text.length === 0) return '';
    const real = this.#run.filter((mark) => !mark.endsWith('-joint'));
    const first = real.includes('؟') ? '؟' : real[0];
    if (first !== undefined) this.#text.push(first === 'ellipsis' ? '.' : first);
    return this.#text.join('');
  }

  /** A prefix that nothing followed is a word of its own. */
  #writePrefix(): void {
    const prefix = this.#prefix;
    this.#prefix = '';
    this.words(prefix);
  }

  #writeRun(): void {
    const [first] = this.#run;
    const question = this.#run.includes('؟');
    this.#run = [];
    if (first === undefined || this.#text.length === 0) return;
    this.#text.push(question ? '؟' : this.#spoken(first));
  }

  #spoken(mark: Mark): string {
    if (mark === 'ellipsis' || mark === 'comma-joint') return '،';
    const stop = mark === 'full-stop-joint' ? '.' : mark;
    // "د. أحمد" would mean doctor Ahmed to whoever reads the result again.
    return stop === '.' && TITLE_LETTER.test(this.#lastWord) ? '،' : stop;
  }
}
