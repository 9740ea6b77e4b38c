/** Stage times for an answer: milliseconds, rounded to a tenth, without stages that did not run. */
export function roundTimings(timings: Record<string, number | undefined>): Record<string, number> {
  const known = Object.entries(timings).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(known.map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]));
}
