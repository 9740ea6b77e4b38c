/** One promise and what came out of it; null where it was not measured in full, with the reason in `note`. */
export interface Target {
  name: string;
  value: number | null;
  unit: string;
  /** Kept when the value is at most this. */
  limit: number;
  note?: string;
}

export interface SuiteReport {
  suite: string;
  rows: Record<string, number | string>[];
  targets: Target[];
  /** What a reader of the figures has to know. */
  notes: string[];
}

/** A suite that cannot run here. Its message says what is missing. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

export function printReport(report: SuiteReport): void {
  console.log(`\n${report.suite}`);
  console.table(report.rows);
  for (const note of report.notes) console.log(`  ${note}`);
  console.log(JSON.stringify({ bench: report.suite, rows: report.rows, targets: report.targets }));
}

export function printSummary(reports: readonly SuiteReport[]): void {
  console.log('\nTargets');
  console.table(
    reports.flatMap(({ suite, targets }) =>
      targets.map(({ name, value, unit, limit, note }) => ({
        suite,
        figure: name,
        measured: value === null ? `- (${note ?? 'not measured'})` : `${value} ${unit}`.trim(),
        target: `<= ${limit} ${unit}`.trim(),
        verdict: value === null ? 'not measured' : value <= limit ? 'pass' : 'MISS',
      })),
    ),
  );
}
