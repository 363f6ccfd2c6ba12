import type { AzureMode } from '../contract/cluster.ts'
import type { AttemptOutcome } from '../contract/delivery.ts'
import type { DisabledReason } from '../contract/webhook.ts'
import type { Owner } from '../core/access/access-policy.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Database } from '../database/engine/database.ts'
import type { DeliveryQueue } from '../jobs/deps.ts'

/** The current addresses of a host name; rejects for a name without addresses. */
export type Resolve = (hostname: string) => Promise<string[]>

/** The dependencies of webhooks. */
export interface WebhooksDeps {
  database: Database
  deliveries: DeliveryQueue
  azure: AzureMode
  /** The version of the program, for the header User-Agent. */
  version: string
  /** Networks that are not public but can receive messages: CIDRs or addresses. */
  allowedNetworks: readonly string[]
  resolve: Resolve
  /** Whether the access policy currently allows an owner to see the cluster with this key. */
  mayRead: (owner: Owner, clusterKey: string) => boolean
  now: () => Date
  /** UUID version 7. */
  newId: () => string
  /** A new signing secret, `whsec_…`. */
  newSecret: () => string
  /** A random number, 0 to 1. */
  random: () => number
  logger: Logger
  /** Without it, nothing is observed. */
  observer?: WebhooksObserver
}

/** Observes the delivery of messages, and changes nothing. */
export interface WebhooksObserver {
  attempted(outcome: AttemptOutcome): void
  disabled(because: DisabledReason): void
}
