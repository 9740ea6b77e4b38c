export type Attributes = Record<string, string | number | boolean>;

/** One piece of work in a trace. */
export interface Span {
  /** W3C trace context of this span for others to join; null where nothing is traced. */
  readonly traceparent: string | null;
  readonly traceId: string | null;
  child(name: string, attributes?: Attributes): Span;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** Once; later calls change nothing. What failed is named by code or class: messages may hold content. */
  end(error?: unknown): void;
}

export interface RequestHeaders {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}

export interface Tracing {
  /** The span of a request, a child of the caller's where `headers` say so. */
  request(name: string, headers: RequestHeaders, attributes: Attributes): Span;
  /** Sends what is left, for a moment at most. */
  close(): Promise<void>;
}

export const NO_SPAN: Span = {
  traceparent: null,
  traceId: null,
  child: () => NO_SPAN,
  set: () => undefined,
  rename: () => undefined,
  end: () => undefined,
};
