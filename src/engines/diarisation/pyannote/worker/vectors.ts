/** A vector scaled to length 1. A vector of zeros stays as it is. */
export function ofLengthOne(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** The cosine of the angle between two vectors of length 1. */
export function similarity(one: Float32Array, other: Float32Array): number {
  let product = 0;
  for (let index = 0; index < one.length; index++)
    product += (one[index] as number) * (other[index] as number);
  return product;
}
