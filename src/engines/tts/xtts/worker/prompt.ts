import type { ModelFolder } from './model-folder.js';

/** Row `id` of a table plus row `position` of another. */
function sumOfRows(
  a: Float32Array,
  id: number,
  b: Float32Array,
  position: number,
  width: number,
): Float32Array {
  const row = new Float32Array(width);
  for (let column = 0; column < width; column++) {
    row[column] = (a[id * width + column] ?? 0) + (b[position * width + column] ?? 0);
  }
  return row;
}

/** The decoder's first rows, of `width` numbers each. */
export interface Prompt {
  /** The conditioning latents. */
  voice: Float32Array;
  /** The text between [START] and [STOP] with its positions, and the start of the audio. */
  text: Float32Array;
}

export function promptOf(folder: ModelFolder, conditioning: Float32Array, ids: readonly number[]): Prompt {
  const { tables, vocabulary, shape } = folder;
  const { width } = shape;
  const text = [vocabulary.start, ...ids, vocabulary.stop];
  const rows = new Float32Array((text.length + 1) * width);
  let at = 0;
  for (const [position, id] of text.entries()) {
    rows.set(sumOfRows(tables.text.data, id, tables.textPosition.data, position, width), at);
    at += width;
  }
  rows.set(audioRow(folder, shape.startToken, 0), at);
  return { voice: conditioning, text: rows };
}

/** The decoder's next input after `token` was generated as audio token number `position`, counted from 1. */
export function audioRow({ tables, shape }: ModelFolder, token: number, position: number): Float32Array {
  return sumOfRows(tables.audio.data, token, tables.audioPosition.data, position, shape.width);
}

/** Most ids of one text without [START] and [STOP]; the model was trained to stay below it. */
export function longestText({ tables }: ModelFolder): number {
  return (tables.textPosition.shape[0] ?? 0) - 3;
}

/** Most audio tokens of one text: 602 for the real model. Its table has 608 positions, of which Coqui reserves 6. */
export function longestAudio({ tables }: ModelFolder): number {
  return (tables.audioPosition.shape[0] ?? 0) - 6;
}
