export type Attributes = Record<string, string | number | boolean>;

/** One piece of work in a trace. */
export interface Span {
  /** W3C trace context of this span for other servers; null when it is not traced. */
  readonly traceparent: string | null;
  readonly traceId: string | null;
  child(name: string, attributes?: Attributes): Span;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /**
   * Ends the span; later calls have no effect. An error is recorded by code or class only, because messages may contain
   * content.
   */
  end(error?: unknown): void;
}

export interface RequestHeaders {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}

export interface Tracing {
  /** Starts the span of a request, as a child of the caller's span if `headers` name one. */
  request(name: string, headers: RequestHeaders, attributes: Attributes): Span;
  /** Sends the remaining spans, with a short timeout. */
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
