const LETTERS_PER_MISTAKE = 5;
const MOST_MISTAKES = 2;

/** A warning for every variable whose name is close to a setting's but is not one: it would be ignored silently. */
export function misspeltNames(given: readonly string[], known: readonly string[]): string[] {
  const ours = new Set(known);
  return given.flatMap((name) => {
    if (ours.has(name)) return [];
    const meant = known.find((candidate) => isClose(name, candidate));
    return meant === undefined ? [] : [`${name} is not a setting of this service. Was ${meant} meant?`];
  });
}

/** Case, separators and invisible characters do not count. Short names may differ in one letter, long ones in two. */
function isClose(name: string, candidate: string): boolean {
  const [one, other] = [bare(name), bare(candidate)];
  if (one === other) return true;
  const allowed = Math.min(MOST_MISTAKES, Math.floor(other.length / LETTERS_PER_MISTAKE));
  return Math.abs(one.length - other.length) <= allowed && distance(one, other) <= allowed;
}

function bare(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** Letters to add, drop, change or swap with their neighbour. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    before = previous;
    previous = current;
  }
  return previous[other.length] ?? 0;
}
