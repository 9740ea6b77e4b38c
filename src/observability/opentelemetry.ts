import {
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span as ApiSpan,
  type Tracer,
} from '@opentelemetry/api';
import { parseTraceParent, TraceState } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AppError } from '../lib/errors.js';
import { OtlpExporter } from './otlp-exporter.js';
import type { Logger } from './logger.js';
import type { Attributes, RequestHeaders, Span, Tracing } from './tracing.js';

export interface TracingOptions {
  /** Base address of an OTLP collector; empty for no traces. */
  endpoint: string;
  headers: Readonly<Record<string, string>>;
  serviceName: string;
  version: string;
  attributes: Readonly<Attributes>;
  logger: Logger;
}

const BATCH = { maxQueueSize: 2_048, maxExportBatchSize: 512, scheduledDelayMillis: 2_000 };
const EXPORT_TIMEOUT_MS = 5_000;
/** Longest wait for an unreachable collector when the service stops. */
const CLOSE_MS = 2_000;

/** Traces by the OpenTelemetry SDK. A full queue drops spans; nothing ever waits for the collector. */
export class OpenTelemetryTracing implements Tracing {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor({ endpoint, headers, serviceName, version, attributes, logger }: TracingOptions) {
    const exporter = new OtlpExporter({ endpoint, headers, timeoutMs: EXPORT_TIMEOUT_MS, logger });
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({
        ...attributes,
        'service.name': serviceName,
        'service.version': version,
      }),
      spanProcessors: [
        new BatchSpanProcessor(exporter, { ...BATCH, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
      ],
    });
    this.#tracer = this.#provider.getTracer('kallemni', version);
  }

  request(name: string, headers: RequestHeaders, attributes: Attributes): Span {
    const context = parentContext(headers);
    return new RecordedSpan(
      this.#tracer,
      this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, context),
    );
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_MS)));
    // What the exporter could not send it has logged.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), limit]);
    clearTimeout(timer);
  }
}

function parentContext({ traceparent, tracestate }: RequestHeaders) {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (!parent || !isSpanContextValid(parent)) return ROOT_CONTEXT;
  const state = tracestate === undefined ? {} : { traceState: new TraceState(tracestate) };
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...state, isRemote: true });
}

class RecordedSpan implements Span {
  readonly #tracer: Tracer;
  readonly #span: ApiSpan;
  readonly traceparent: string;
  readonly traceId: string;

  constructor(tracer: Tracer, span: ApiSpan) {
    this.#tracer = tracer;
    this.#span = span;
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceId = traceId;
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  child(name: string, attributes: Attributes = {}): Span {
    const kind = name === 'chat' ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const parent = trace.setSpan(ROOT_CONTEXT, this.#span);
    return new RecordedSpan(this.#tracer, this.#tracer.startSpan(name, { kind, attributes }, parent));
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  end(error?: unknown): void {
    if (!this.#span.isRecording()) return;
    if (error !== undefined) {
      this.#span.setAttribute('error.type', kindOf(error));
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

function kindOf(error: unknown): string {
  if (error instanceof AppError) return error.code ?? error.type;
  return error instanceof Error ? error.name : 'unknown';
}
