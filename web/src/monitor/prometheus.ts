/** One sample of the text format of Prometheus. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of Prometheus. Comments and lines that it does not know are passed over. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    return [{ name, labels: parseLabels(labels), value: numberOf(value) }];
  });
}

export function samplesOf(samples: readonly Sample[], name: string): Sample[] {
  return samples.filter((sample) => sample.name === name);
}

/** The sum of a metric over all its labels. */
export function totalOf(samples: readonly Sample[], name: string): number {
  return samplesOf(samples, name).reduce((sum, { value }) => sum + value, 0);
}

/**
 * A quantile of a histogram, in its unit: linear inside of a bucket, as `histogram_quantile` of Prometheus computes it.
 * Null without observations.
 */
export function quantileOf(
  buckets: readonly { le: number; count: number }[],
  quantile: number,
): number | null {
  const sorted = [...buckets].sort((one, other) => one.le - other.le);
  const all = sorted.at(-1)?.count ?? 0;
  if (all === 0) return null;
  const rank = quantile * all;
  const index = sorted.findIndex(({ count }) => count >= rank);
  const bucket = sorted[index];
  const before = sorted[index - 1] ?? { le: 0, count: 0 };
  if (!bucket) return null;
  // The last bucket has no upper end.
  if (bucket.le === Infinity) return before.le;
  const share = (rank - before.count) / Math.max(1, bucket.count - before.count);
  return before.le + (bucket.le - before.le) * share;
}

/** The buckets of a histogram by the value of one label. */
export function bucketsBy(samples: readonly Sample[], name: string, label: string) {
  const groups = new Map<string, { le: number; count: number }[]>();
  for (const { labels, value } of samplesOf(samples, `${name}_bucket`)) {
    const key = labels[label] ?? '';
    groups.set(key, [...(groups.get(key) ?? []), { le: numberOf(labels['le'] ?? ''), count: value }]);
  }
  return groups;
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
