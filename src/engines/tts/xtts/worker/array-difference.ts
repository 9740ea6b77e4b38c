/**
 * Largest difference of two arrays, relative to the largest magnitude in `wanted` (1e-4 of a mel that reaches 341 is
 * 0.0341). When `wanted` is all zeros, the absolute difference. Infinite when the lengths differ or a value is not a
 * number.
 */
export function relativeDifference(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Infinity;
  let scale = 0;
  let largest = 0;
  for (let index = 0; index < wanted.length; index++) {
    const difference = Math.abs((got[index] as number) - (wanted[index] as number));
    if (Number.isNaN(difference)) return Infinity;
    scale = Math.max(scale, Math.abs(wanted[index] as number));
    largest = Math.max(largest, difference);
  }
  return scale === 0 ? largest : largest / scale;
}
