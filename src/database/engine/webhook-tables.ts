import type { DeliveryStatus, MessageType } from '../../contract/delivery.ts'
import type { DisabledReason, WebhookStatus } from '../../contract/webhook.ts'

export interface WebhooksTable {
  id: string
  url: string
  description: string | null
  /** Lists as JSON text. */
  events: string
  clusters: string
  status: WebhookStatus
  disabled_because: DisabledReason | null
  disabled_at: Date | null
  /** The job that it is about; null for a subscription. */
  job_id: string | null
  created_at: Date
  created_by: string
  created_by_id: string
  /** Its owner for the access policy, as JSON text. */
  owner: string
  secret: string
  former_secret: string | null
  /** Until then messages are signed with the former secret too. */
  former_until: Date | null
  /** When a message last arrived. */
  delivered_at: Date | null
}

export interface WebhookDeliveriesTable {
  id: string
  webhook_id: string
  type: MessageType
  job_id: string | null
  cluster_key: string | null
  created_at: Date
  status: DeliveryStatus
  /** Attempts ever. */
  tries: number
  /** Attempts since it was made, or replayed. */
  round: number
  /** null where none is due. */
  next_attempt_at: Date | null
  /** As JSON text. */
  attempts: string
  /** What is signed and sent, letter by letter. */
  body: string
}
