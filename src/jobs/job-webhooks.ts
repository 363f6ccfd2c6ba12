import type { Appended } from '../core/webhooks/job-messages.ts'
import type { JobMessageType, Owner } from '../core/webhooks/webhook.ts'
import type { Queries } from '../database/database.ts'

/** A webhook that is ordered with a job, and about it alone. */
export interface OrderedWebhook {
  url: string
  /** `whsec_…`; the caller's own, so that it need not be answered. */
  secret: string
  /** Left out: all. */
  events?: JobMessageType[]
  owner: Owner
}

/** Tells others of jobs; the jobs know nothing of how. */
export interface JobWebhooks {
  /** Rejects with a `Refusal` when nothing would be sent there; before anything is done. */
  check(webhook: Pick<OrderedWebhook, 'url' | 'secret'>): Promise<void>
  /** Stores a job's own webhook, in the transaction that makes the job. */
  add(trx: Queries, jobId: string, by: string, webhook: OrderedWebhook): Promise<void>
  /** Orders the messages that follow, in the transaction that lengthens the log. */
  publish(trx: Queries, clusterKey: string, appended: Appended): Promise<void>
}
