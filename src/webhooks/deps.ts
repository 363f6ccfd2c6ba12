import type { AzureMode } from '../contract/cluster.ts'
import type { AttemptOutcome } from '../contract/delivery.ts'
import type { DisabledReason } from '../contract/webhook.ts'
import type { Owner } from '../core/access/access-policy.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Database } from '../database/engine/database.ts'
import type { DeliveryQueue } from '../jobs/deps.ts'

/** Every address that a host name has at this moment; rejects for a name without addresses. */
export type Resolve = (hostname: string) => Promise<string[]>

/** What webhooks depend on. */
export interface WebhooksDeps {
  database: Database
  deliveries: DeliveryQueue
  azure: AzureMode
  /** Of the program, for the header User-Agent. */
  version: string
  /** Networks that messages may go to although they are not public: CIDRs or addresses. */
  allowedNetworks: readonly string[]
  resolve: Resolve
  /** Whether the access policy lets an owner see the cluster of this key now. */
  mayRead: (owner: Owner, clusterKey: string) => boolean
  now: () => Date
  /** UUID version 7. */
  newId: () => string
  /** A new signing secret, `whsec_…`. */
  newSecret: () => string
  /** 0 to 1. */
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
