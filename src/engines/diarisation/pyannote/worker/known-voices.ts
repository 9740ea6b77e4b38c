import { similarity } from './vectors.js';

/** Measured on Egyptian recordings: voices of one person have 0.71 to 0.87, those of two people at most 0.55. */
const KNOWN_SIMILARITY = 0.55;

/**
 * Which known person each speaker is: the index of the most similar reference, or null where none is similar enough. Two
 * speakers are the same known person only if they never speak in one window: `together` tells whether they do.
 */
export function identify(
  centroids: readonly Float32Array[],
  references: readonly (Float32Array | null)[],
  together: (one: number, other: number) => boolean,
): (number | null)[] {
  const pairs = centroids
    .flatMap((centroid, speaker) =>
      references.map((reference, known) => ({
        speaker,
        known,
        likeness: reference ? similarity(centroid, reference) : 0,
      })),
    )
    .filter(({ likeness }) => likeness >= KNOWN_SIMILARITY)
    .sort((one, other) => other.likeness - one.likeness);
  const identities = centroids.map((): number | null => null);
  for (const { speaker, known } of pairs) {
    if (identities[speaker] !== null) continue;
    const rivals = [...identities.keys()].filter((other) => identities[other] === known);
    if (!rivals.some((other) => together(speaker, other))) identities[speaker] = known;
  }
  return identities;
}
