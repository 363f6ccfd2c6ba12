/** A small interface for traces, so that OpenTelemetry is not loaded if traces are disabled. */
export interface Tracing {
  /** Begins a span under the current span, or under `parent`, a W3C traceparent. */
  begin(
    name: string,
    kind: SpanKind,
    options?: { parent?: string | null; attributes?: Attributes },
  ): TraceSpan
  /** The current span as a W3C traceparent; null without a span, and for a span that is not recorded. */
  traceparent(): string | null
  /** The ID of the current trace; null without a trace. */
  traceId(): string | null
  /**
   * Sends the remaining spans. Never rejects, because a collector that is not available must not delay the stop of the
   * service.
   */
  stop(): Promise<void>
}

export type SpanKind = 'server' | 'client' | 'consumer' | 'internal'
export type Attributes = Record<string, string | number | boolean>

export interface TraceSpan {
  /** Runs a function within the span; does not end the span. */
  run<T>(part: () => T): T
  /** Ends the span; `failed` marks it as failed. */
  end(attributes?: Attributes, failed?: boolean): void
}

/** Runs a function within a new span if traces are enabled. */
export async function withSpan<T>(
  tracing: Tracing | null,
  name: string,
  attributes: Attributes,
  part: () => Promise<T>,
): Promise<T> {
  if (tracing === null) return part()
  const span = tracing.begin(name, 'internal', { attributes })
  try {
    const result = await span.run(part)
    span.end()
    return result
  } catch (error) {
    span.end({ 'error.type': errorType(error) }, true)
    throw error
  }
}

/** The code or the name of the error. Its message is not used, because it may quote the input of a caller. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
