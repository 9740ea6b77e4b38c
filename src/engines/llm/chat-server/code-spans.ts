const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '«': '»', '“': '”' };

/** Tracks Markdown code marks in a text, to distinguish quoted tokens from real ones. */
export class CodeSpans {
  #fenced = false;
  #inline = false;
  /** Backticks at the end of the text so far. */
  #run = 0;
  #last = '';

  /** The last character of the text so far; empty before the first. */
  get last(): string {
    return this.#last;
  }

  /** True when the text so far ends inside a fenced block or an inline span. */
  get inside(): boolean {
    const fenced = this.#run >= 3 ? !this.#fenced : this.#fenced;
    return fenced || (this.#run === 1 || this.#run === 2 ? !this.#inline : this.#inline);
  }

  /**
   * True when the token between the text so far and `after` is quoted: inside code, or between two quotation marks. A
   * token at the end of the text is not quoted, because a model that stops leaves spans open. Null when `after` is not
   * known yet.
   */
  quotes(after: string | undefined, ended: boolean): boolean | null {
    const closing = CLOSING[this.#last];
    if (!this.inside && closing === undefined) return false;
    if (after === undefined) return ended ? false : null;
    return this.inside || after === closing;
  }

  copy(): CodeSpans {
    const copy = new CodeSpans();
    copy.#fenced = this.#fenced;
    copy.#inline = this.#inline;
    copy.#run = this.#run;
    copy.#last = this.#last;
    return copy;
  }

  follow(text: string): void {
    for (const character of text) {
      if (character === '`') this.#run += 1;
      else this.#endRun(character);
    }
    this.#last = text.at(-1) ?? this.#last;
  }

  #endRun(next: string): void {
    if (this.#run >= 3) this.#fenced = !this.#fenced;
    else if (this.#run > 0 && !this.#fenced) this.#inline = !this.#inline;
    this.#run = 0;
    // A backtick without a closing one on its line is not a code span.
    if (next === '\n' || this.#fenced) this.#inline = false;
  }
}
