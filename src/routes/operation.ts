import type { IncomingHttpHeaders } from 'node:http'
import type { Fault } from '../contract/problem.ts'
import type { LinkKind } from '../database/links/access-links.ts'

/** App roles and delegated scopes that an operation can require of its caller. */
export const GRANTS = [
  'Egress.Read',
  'Egress.Plan',
  'Egress.Execute',
  'Egress.Approve',
  'Egress.Audit',
] as const
export type Grant = (typeof GRANTS)[number]

/** A request before validation, when no type is certain. */
export interface RawRequest {
  query: unknown
  body: unknown
  headers: IncomingHttpHeaders
}

/** An operation as authorization, validation, limits, logs and audit read it from the route of a request. */
export interface OperationInfo {
  operationId: string
  /**
   * The permission that the caller requires. `signedIn` requires none beyond authentication. `public` operations reveal
   * nothing of any cluster.
   */
  grant: Grant | 'signedIn' | 'public'
  /**
   * The cluster that the request concerns, for the access policy. `path`: the cluster of the path, or of its plan or
   * job. `body`: the cluster of the body, or of its plan. `list`: many, and the query is limited to those that the
   * caller may see. `nothing`: none.
   */
  subject: 'path' | 'body' | 'list' | 'nothing'
  /** A missing body is the same as an empty object. */
  bodyOptional?: boolean
  /** Errors that a schema cannot express; empty when there are none. */
  errorsOf?: (request: RawRequest) => Fault[]
  /**
   * A page that a browser without a token may open. The handler sees a caller without any permission, and shows nothing of
   * any cluster.
   */
  visitors?: boolean
  /** Links that replace authentication for the plan or job in the path. */
  openedBy?: readonly LinkKind[]
  /** Accepts an `Idempotency-Key`. */
  idempotent?: boolean
  /** Requested all the time by machines: successes are logged at debug, and requests are not counted. */
  quiet?: boolean
  /** Calls other operations in the process, which are counted against their own limits. */
  dispatches?: boolean
  /** Calls Azure: a read is then limited like a write. */
  asksAzure?: boolean
  /** Served even by an overloaded process. */
  evenUnderPressure?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Missing for routes that are not operations: documents, Swagger UI, unknown paths. */
    operation?: OperationInfo
    /** For documents, which are not operations: access without authentication. */
    public?: boolean
  }
}

/** Whether the route allows access without authentication. */
export function isDeclaredPublic(config: { operation?: OperationInfo; public?: boolean }): boolean {
  return config.public === true || config.operation?.grant === 'public'
}
