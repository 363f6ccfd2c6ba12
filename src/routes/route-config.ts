import type { IncomingHttpHeaders } from 'node:http'
import type { Fault } from './schemas/problem.ts'

/** The request as it came, before any type is certain. */
export interface RawRequest {
  query: unknown
  body: unknown
  headers: IncomingHttpHeaders
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The operationId: names the operation once for logs, metrics, audit and authorization. */
    operation?: string
    /** For everybody: reveals nothing of anybody's clusters. */
    public?: boolean
    /** Faults that a schema cannot tell; empty when there are none. */
    faultsOf?: (request: RawRequest) => Fault[]
    /** Named examples of the body, for the OpenAPI document. */
    bodyExamples?: readonly string[]
    /** A body may be left out, which says the same as an empty object. */
    bodyOptional?: boolean
    /** Takes a key by which its effect happens once: see idempotency.ts. */
    idempotent?: boolean
    /** Asked so often by machines that its success is no news: logged at debug. */
    quiet?: boolean
    /** A read that asks Azure: limited as what writes. */
    asksAzure?: boolean
    /** Answered even by a process that is exhausted. */
    evenUnderPressure?: boolean
  }
}
