/** How traces are made, in few words, so that nothing of OpenTelemetry is loaded where none are wanted. */
export interface Tracing {
  /** Begins a span under the current span, or under `parent`, a W3C traceparent. */
  begin(
    name: string,
    kind: SpanKind,
    options?: { parent?: string | null; attributes?: Attributes },
  ): TraceSpan
  /** The span at hand as a W3C traceparent; null outside of any, and where it is not recorded. */
  traceparent(): string | null
  /** The trace at hand; null outside of any. */
  traceId(): string | null
  /** Sends what is left. Never rejects: a collector that is away must not keep the service from stopping. */
  stop(): Promise<void>
}

export type SpanKind = 'server' | 'client' | 'consumer' | 'internal'
export type Attributes = Record<string, string | number | boolean>

export interface TraceSpan {
  /** Runs something within the span; does not end it. */
  run<T>(part: () => T): T
  /** Ends it; `failed` says that it did not do what it was for. */
  end(attributes?: Attributes, failed?: boolean): void
}

/** Runs a function within a span of its own, where traces are made. */
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

/** The code of what was thrown, or its name: never its words, which may quote what a caller sent. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
