/**
 * Linear interpolation of rows along time, piece by piece. The concatenated results of `push` and `finish` equal one
 * pass over the whole input, bit by bit. Output j is at position (j + 0.5) / scale - 0.5 of the input, clamped to its
 * ends (PyTorch's `align_corners=False`). There are floor(rows * scale) outputs.
 */
export class LinearStretch {
  readonly #scale: number;
  readonly #width: number;
  /** Input rows that an output may still need. The first one has index `#first` in the whole input. */
  #rows: Float32Array = new Float32Array(0);
  #first = 0;
  #received = 0;
  #produced = 0;

  constructor(scale: number, width: number) {
    this.#scale = scale;
    this.#width = width;
  }

  /** Takes the next rows and returns all output rows that no later input can change. */
  push(rows: Float32Array): Float32Array {
    this.#append(rows);
    // The last output that depends only on rows that have arrived.
    const certain = Math.floor((this.#received - 0.5) * this.#scale - 0.5) + 1;
    return this.#produce(Math.max(this.#produced, Math.min(certain, this.#total())));
  }

  /** Returns the remaining rows. */
  finish(): Float32Array {
    return this.#produce(this.#total());
  }

  #total(): number {
    return Math.floor(this.#received * this.#scale);
  }

  #append(rows: Float32Array): void {
    const needed = Math.max(0, Math.floor(this.#position(this.#produced)));
    const keep = this.#rows.subarray(
      Math.min(needed - this.#first, this.#rows.length / this.#width) * this.#width,
    );
    this.#first = Math.min(needed, this.#received);
    const joined = new Float32Array(keep.length + rows.length);
    joined.set(keep);
    joined.set(rows, keep.length);
    this.#rows = joined;
    this.#received += rows.length / this.#width;
  }

  #position(output: number): number {
    return Math.max(0, (output + 0.5) / this.#scale - 0.5);
  }

  #produce(end: number): Float32Array {
    const width = this.#width;
    const rows = this.#rows;
    const output = new Float32Array(Math.max(0, end - this.#produced) * width);
    for (let at = 0; this.#produced < end; this.#produced++, at += width) {
      const position = Math.min(this.#position(this.#produced), this.#received - 1);
      const lower = Math.floor(position);
      const share = position - lower;
      const left = (lower - this.#first) * width;
      const right = (Math.min(lower + 1, this.#received - 1) - this.#first) * width;
      for (let column = 0; column < width; column++) {
        output[at + column] = (rows[left + column] ?? 0) * (1 - share) + (rows[right + column] ?? 0) * share;
      }
    }
    return output;
  }
}
