const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * What the speakers are called: the name of the known speaker with the same voice, and otherwise A, B, ... in the order in
 * which they are heard. `identities` has the index of a name for each speaker, or null. A letter that is a known speaker's
 * name is not used for another person.
 */
export function speakerLabels(identities: readonly (number | null)[], names: readonly string[]): string[] {
  const taken = new Set(names);
  let next = 0;
  const letter = (): string => {
    for (;;) {
      const name = letterName(next++);
      if (!taken.has(name)) return name;
    }
  };
  return identities.map((identity) => (identity === null ? undefined : names[identity]) ?? letter());
}

/** A to Z, then AA, AB, ... as columns of a table are called. */
function letterName(index: number): string {
  const last = LETTERS[index % LETTERS.length] ?? '';
  return index < LETTERS.length ? last : letterName(Math.floor(index / LETTERS.length) - 1) + last;
}
