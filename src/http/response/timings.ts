/** Stage times as they leave: milliseconds to a tenth, only those that apply. */
export function roundTimings(timings: Record<string, number | undefined>): Record<string, number> {
  const known = Object.entries(timings).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]));
}
