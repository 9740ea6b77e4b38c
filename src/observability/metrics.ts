import { Counter, Registry } from 'prom-client';

export interface Metrics {
  /** The Prometheus text format, and its content type. */
  render(): Promise<{ body: string; contentType: string }>;
  readonly dialectCorrections: { inc(): void };
}

/** What the service counts, in a registry of its own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const dialectCorrections = new Counter({
    name: 'kallemni_dialect_corrections_total',
    help: 'Replies that were too formal and were asked for once more.',
    registers: [registry],
  });
  return {
    dialectCorrections,
    render: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  };
}
