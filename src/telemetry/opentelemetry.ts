import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  DiagLogLevel,
  diag,
  SpanKind as Kind,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { withTimeout } from '../lib/promises.ts'
import type { SpanKind, TraceSpan, Tracing } from './tracing.ts'

export interface TracingOptions {
  /** The URL of the collector, without `/v1/traces`. */
  endpoint: string
  serviceName: string
  version: string
  /** The fraction of the traces of this service that is recorded, 0 to 1. For a request with a trace, the caller decides. */
  ratio: number
  /** Called when spans cannot be sent. */
  warn: (message: string) => void
}

const KINDS: Record<SpanKind, Kind> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  consumer: Kind.CONSUMER,
  internal: Kind.INTERNAL,
}
/** The maximum time that a stop waits for the collector. */
const FLUSH_TIMEOUT_MS = 3_000

/**
 * Traces over OTLP/HTTP. Imported only if an endpoint is set, because the import takes about 10 MB and 100 ms. The
 * context of spans is separate, not global, so no other code in the process is traced by accident.
 */
export function startTracing(options: TracingOptions): Tracing {
  const fail = (message: string) => options.warn(message)
  diag.setLogger({ error: fail, warn: fail, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN)
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/$/, '')}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      'service.version': options.version,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  })
  const tracer = provider.getTracer('aks-egress-planner', options.version)
  const current = new AsyncLocalStorage<Context>()
  const spanContext = () => trace.getSpanContext(current.getStore() ?? ROOT_CONTEXT)
  return {
    begin(name, kind, { parent, attributes } = {}) {
      const under = parseTraceparent(parent) ?? current.getStore() ?? ROOT_CONTEXT
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, under)
      return traceSpan(span, trace.setSpan(under, span), current)
    },
    traceparent: () => formatTraceparent(spanContext()),
    traceId: () => spanContext()?.traceId ?? null,
    async stop() {
      const flushed = provider.shutdown().catch((error: unknown) => fail(String(error)))
      await withTimeout(flushed, FLUSH_TIMEOUT_MS).catch(() => {})
    },
  }
}

function traceSpan(span: Span, context: Context, current: AsyncLocalStorage<Context>): TraceSpan {
  return {
    run: (part) => current.run(context, part),
    end(attributes = {}, failed = false) {
      span.setAttributes(attributes)
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The span of the caller as the parent; null for an invalid traceparent, as W3C Trace Context requires. */
function parseTraceparent(traceparent: string | null | undefined): Context | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  return trace.isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : null
}

function formatTraceparent(context: SpanContext | undefined): string | null {
  if (context === undefined) return null
  return `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 1}`
}
