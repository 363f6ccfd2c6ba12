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

/** One thing that the service needs to be of use, and whether it is there. */
interface ReadinessCheck {
  name: string
  ok: boolean
  /** false for dependencies that are for information only; the default is true. */
  required?: boolean
  detail?: string
}

/** How long a client may take, in milliseconds. */
export interface Timeouts {
  /** For the headers of a request to arrive. */
  headersMs: number
  /** For the whole request to arrive. */
  requestMs: number
  /** Without any traffic in either direction. */
  idleMs: number
  /** How often the first two are looked at. */
  checkMs: number
}

/** What the routes are given; they know nothing of what is behind it. */
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
  /** Tells those who wait for a job that there is news of it. */
  changes: ChangeFeed
  /** Lets a request that names a key have its effect once. */
  keys: Idempotency
  /** The whole matrix, with the pinned edition already applied. */
  transitions: () => readonly Transition[]
  readiness: () => Promise<readonly ReadinessCheck[]>
  /** Proves who calls; without it every caller is `anonymous` and may do everything. */
  authenticate?: Authenticate
  /** The access policy in force, asked at every request; without one the grants of the token decide alone. */
  policy?: () => AccessPolicy | null
  /** Where Swagger UI lets people sign in; without it the document shows a public example. */
  signIn?: SignIn
  azure: AzureMode
  version: string
  logger: FastifyBaseLogger | Exclude<FastifyServerOptions['logger'], undefined>
  /** Largest body in bytes; the default is 256 KiB. */
  bodyLimit?: number
  /** No limits when left out. */
  rateLimits?: RateLimits
  /** The limits of an exhausted process; without them no request is rejected for load. */
  pressure?: PressureLimits
  /** Origins whose pages may use the service from a browser; none when left out. */
  corsOrigins?: readonly string[]
  /** Host names that requests may be for, without port; every name if left out. */
  knownHosts?: readonly string[]
  /** Addresses and networks of proxies whose `X-Forwarded-…` headers are believed; none when left out. */
  trustedProxies?: readonly string[]
  timeouts?: Partial<Timeouts>
  /** Observes every request; optional. */
  observer?: HttpObserver
  /** Whether agents can use the service over MCP; the default is true. */
  mcp?: boolean
  /** The text that `GET /metrics` answers; without it there is no such path. */
  metrics?: () => Promise<string>
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>
