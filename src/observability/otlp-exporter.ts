import type { Attributes, HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { messageOf } from '../lib/errors.js';
import type { Logger } from './logger.js';

export interface OtlpExporterOptions {
  /** Base address of the collector; `/v1/traces` is added. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  logger: Logger;
}

/** An unreachable collector is logged once, then at intervals. */
const QUIET_MS = 60_000;

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];
const SENT: Result = { code: 0 };
const FAILED: Result = { code: 1 };

/**
 * Sends spans as OTLP/JSON over HTTP. A batch that cannot be delivered is dropped, so that traces cost no memory and no
 * waiting. (The SDK's own exporter needs thirty megabytes of packages.)
 */
export class OtlpExporter implements SpanExporter {
  readonly #options: OtlpExporterOptions;
  readonly #sending = new Set<Promise<void>>();
  #silentUntil = 0;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
  }

  export(spans: ReadableSpan[], done: (result: Result) => void): void {
    const sending = this.#send(spans).then(
      () => done(SENT),
      (error: unknown) => {
        this.#complain(error, spans.length);
        done(FAILED);
      },
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  async #send(spans: ReadableSpan[]): Promise<void> {
    const { endpoint, headers, timeoutMs } = this.#options;
    const response = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/traces`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(traceRequest(spans)),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the collector answered ${response.status}`);
  }

  #complain(error: unknown, spans: number): void {
    const now = performance.now();
    if (now < this.#silentUntil) return;
    this.#silentUntil = now + QUIET_MS;
    this.#options.logger.warn(
      { reason: messageOf(error), spans },
      'traces could not be sent and are dropped',
    );
  }
}

/** An ExportTraceServiceRequest. All spans are of one process and one tracer. */
function traceRequest(spans: ReadableSpan[]): object {
  const [first] = spans;
  return {
    resourceSpans: [
      {
        resource: { attributes: attributeList(first?.resource.attributes ?? {}) },
        scopeSpans: [{ scope: first?.instrumentationScope, spans: spans.map(otlpSpan) }],
      },
    ],
  };
}

function otlpSpan(span: ReadableSpan): object {
  const { traceId, spanId, traceState, traceFlags } = span.spanContext();
  return {
    traceId,
    spanId,
    ...(traceState && { traceState: traceState.serialize() }),
    ...(span.parentSpanContext && { parentSpanId: span.parentSpanContext.spanId }),
    flags: traceFlags,
    name: span.name,
    // OTLP's kinds start with "unspecified", the SDK's with "internal".
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: attributeList(span.attributes),
    status: { code: span.status.code },
  };
}

function nanoseconds([seconds, rest]: HrTime): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(rest));
}

function attributeList(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  return { stringValue: String(value) };
}
