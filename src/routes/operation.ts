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

/** A request before validation, whose types are not checked yet. */
export interface RawRequest {
  query: unknown
  body: unknown
  headers: IncomingHttpHeaders
}

/** The data of an operation that authorization, validation, limits, logs and audit read from the route of a request. */
export interface OperationInfo {
  operationId: string
  /**
   * The permission that the caller requires. `signedIn` requires none beyond authentication. `public` operations reveal
   * nothing about clusters.
   */
  grant: Grant | 'signedIn' | 'public'
  /**
   * The cluster that the request concerns, for the access policy. `path`: the cluster of the path, or of its plan or
   * job. `body`: the cluster of the body, or of its plan. `list`: many clusters; the query is limited to the clusters
   * that the caller may see. `nothing`: none.
   */
  subject: 'path' | 'body' | 'list' | 'nothing'
  /** A missing body is the same as an empty object. */
  bodyOptional?: boolean
  /** Errors that a schema cannot express; empty if there are none. */
  errorsOf?: (request: RawRequest) => Fault[]
  /**
   * A page that a browser without a token may open. The handler gets a caller without permissions, and shows nothing
   * about clusters.
   */
  visitors?: boolean
  /** The operation has a page for people, so browsers get its problems as pages, too. */
  hasPage?: boolean
  /** Links that replace authentication for the plan or job in the path. */
  openedBy?: readonly LinkKind[]
  /** Accepts an `Idempotency-Key`. */
  idempotent?: boolean
  /** Machines request it continuously: successes are logged at debug, and requests do not count for rate limits. */
  quiet?: boolean
  /** Calls other operations in the process, which are counted against their own limits. */
  dispatches?: boolean
  /** The operation calls Azure, so a read is limited like a write. */
  asksAzure?: boolean
  /** Even an overloaded process serves it. */
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
