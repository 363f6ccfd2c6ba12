import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions, RawServerDefault } from 'fastify'
import type { Campaigns } from '../../campaigns/campaigns.ts'
import type { AzureMode } from '../../contract/cluster.ts'
import type { Transition } from '../../contract/outbound-type.ts'
import type { AccessPolicy } from '../../core/access/access-policy.ts'
import type { Audit } from '../../database/audit/audit.ts'
import type { ChangeFeed } from '../../database/engine/change-feed.ts'
import type { AccessLinks } from '../../database/links/access-links.ts'
import type { Idempotency } from '../../database/stores/idempotency.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { Approvals, Jobs, Probes } from '../../jobs/jobs.ts'
import type { Planning } from '../../planning/planning.ts'
import type { Webhooks } from '../../webhooks/webhooks.ts'
import type { Authenticate } from '../auth/caller.ts'
import type { SignIn } from '../openapi/security-schemes.ts'
import type { PressureLimits, RateLimits } from './load-limits.ts'
import type { HttpObserver } from './observe-requests.ts'

/** A dependency that the service needs, and whether it is available. */
interface ReadinessCheck {
  name: string
  ok: boolean
  /** false for dependencies that are for information only; the default is true. */
  required?: boolean
  detail?: string
}

/** The time limits for clients, in milliseconds. */
export interface Timeouts {
  /** For receiving the headers of a request. */
  headersMs: number
  /** For receiving the whole request. */
  requestMs: number
  /** Without any traffic in either direction. */
  idleMs: number
  /** The interval of the check of the first two limits. */
  checkMs: number
}

/** The dependencies of the routes. The routes do not know their implementations. */
export interface AppDeps {
  planning: Planning
  jobs: Jobs
  probes: Probes
  approvals: Approvals
  campaigns: Campaigns
  audit: Audit
  webhooks: Webhooks
  /** Share links and event tickets. */
  links: AccessLinks
  inventory: Inventory
  /** Notifies callers that wait for a job of its changes. */
  changes: ChangeFeed
  /** Ensures that requests with the same key have their effect only once. */
  keys: Idempotency
  /** The whole matrix, with the pinned edition already applied. */
  transitions: () => readonly Transition[]
  readiness: () => Promise<readonly ReadinessCheck[]>
  /** Verifies callers. Without it, every caller is `anonymous` and may do everything. */
  authenticate?: Authenticate
  /** The current access policy, which every request checks. Without it, only the grants of the token count. */
  policy?: () => AccessPolicy | null
  /** The sign-in settings of Swagger UI. Without them, the document shows a public example. */
  signIn?: SignIn
  azure: AzureMode
  version: string
  logger: FastifyBaseLogger | Exclude<FastifyServerOptions['logger'], undefined>
  /** Largest body in bytes; the default is 256 KiB. */
  bodyLimit?: number
  /** Without it, there are no limits. */
  rateLimits?: RateLimits
  /** The overload limits of the process. Without them, no request is rejected because of overload. */
  pressure?: PressureLimits
  /** Origins whose pages may use the service from a browser. Default: none. */
  corsOrigins?: readonly string[]
  /** Host names that the service serves, without port. Default: every name. */
  knownHosts?: readonly string[]
  /** Addresses and networks of proxies whose `X-Forwarded-…` headers are trusted. Default: none. */
  trustedProxies?: readonly string[]
  timeouts?: Partial<Timeouts>
  /** Observes every request; optional. */
  observer?: HttpObserver
  /** Whether agents can use the service over MCP; the default is true. */
  mcp?: boolean
  /** The response of `GET /metrics`. Without it, the path does not exist. */
  metrics?: () => Promise<string>
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
