import type { TracingOptions } from './opentelemetry.js';
import { NO_SPAN, type Tracing } from './tracing.js';

const noTracing: Tracing = { request: () => NO_SPAN, close: () => Promise.resolve() };

/** Starts tracing if a collector is configured. Otherwise OpenTelemetry is not loaded. */
export async function createTracing(options: TracingOptions): Promise<Tracing> {
  if (options.endpoint === '') return noTracing;
  const { OpenTelemetryTracing } = await import('./opentelemetry.js');
  return new OpenTelemetryTracing(options);
}
