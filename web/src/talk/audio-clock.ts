/** Seconds of positions that are remembered: longer than any turn is. */
const KEPT_MS = 150_000;

/** Remembers when each part of the audio was recorded, so that positions of the service become moments of the page. */
export class SentAudio {
  readonly #sent: { endMs: number; at: number }[] = [];
  #totalMs = 0;

  /** `milliseconds` of audio were recorded until `now` and sent. */
  add(milliseconds: number, now: number): void {
    this.#totalMs += milliseconds;
    this.#sent.push({ endMs: this.#totalMs, at: now });
    while ((this.#sent[0]?.endMs ?? Infinity) < this.#totalMs - KEPT_MS) this.#sent.shift();
  }

  /** A new session counts from zero. */
  restart(): void {
    this.#sent.length = 0;
    this.#totalMs = 0;
  }

  /** The moment at which the sound at this position was recorded. */
  recordedAt(positionMs: number): number {
    const chunk = this.#sent.find(({ endMs }) => endMs >= positionMs) ?? this.#sent.at(-1);
    return chunk ? chunk.at - (chunk.endMs - positionMs) : performance.now();
  }
}
