import { readFile } from 'node:fs/promises';
import { unusableFile } from '../unusable-file.js';

const MAGIC = '\x93NUMPY';
const LITTLE_ENDIAN_FLOAT32 = '<f4';

export interface FloatArray {
  shape: number[];
  data: Float32Array;
}

/**
 * Reads a NumPy file of little-endian float32 in C order, versions 1 to 3 of the format
 * (numpy.org/doc/stable/reference/generated/numpy.lib.format.html). Throws an error with a readable sentence for
 * anything else.
 */
export function parseNpy(bytes: Uint8Array): FloatArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC) {
    throw new RangeError('it is not a NumPy file');
  }
  const wide = view.getUint8(6) > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw new RangeError('it is cut off in its header');
  const header = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  if (type !== LITTLE_ENDIAN_FLOAT32)
    throw new RangeError(`it holds ${type ?? 'unknown'} numbers, not ${LITTLE_ENDIAN_FLOAT32}`);
  if (/'fortran_order':\s*True/.test(header)) throw new RangeError('it is in Fortran order');
  const shape = (/'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const length = shape.reduce((product, size) => product * size, 1);
  if (bytes.length - end < length * 4)
    throw new RangeError(`it is cut off: ${shape.join(' x ')} numbers do not fit in it`);
  // A copy, because the numbers may not be aligned in the file.
  return { shape, data: new Float32Array(Uint8Array.from(bytes.subarray(end, end + length * 4)).buffer) };
}

/**
 * Throws an error with `name` when the file is missing, broken or has another shape. A null in `shape` means any size.
 */
export async function readNpy(
  path: string,
  name: string,
  shape: readonly (number | null)[],
): Promise<FloatArray> {
  try {
    const array = parseNpy(await readFile(path));
    const fits =
      array.shape.length === shape.length &&
      shape.every((size, axis) => size === null || size === array.shape[axis]);
    if (fits) return array;
    const wanted = shape.map((size) => size ?? 'any').join(' x ');
    throw new RangeError(`its shape is ${array.shape.join(' x ')} where the model needs ${wanted}`);
  } catch (error) {
    throw unusableFile(name, error);
  }
}
