import { isWithin } from '../access/reach.ts'
import type { JobMessageType, Webhook } from './webhook.ts'

/** Whether a webhook is to be told; `clusterKey` is the key of the job's cluster. */
export function wants(
  webhook: Pick<Webhook, 'events' | 'clusters' | 'jobId'>,
  type: JobMessageType,
  clusterKey: string,
): boolean {
  if (!webhook.events.includes(type)) return false
  // A webhook of one job is found by its job; its clusters would say the same once more.
  return webhook.jobId !== null || webhook.clusters.length === 0 || isWithin(webhook.clusters, clusterKey)
}
