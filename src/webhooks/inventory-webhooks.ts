import type { InventoryChangeKind } from '../contract/inventory.ts'
import type { InventoryMessageType } from '../contract/webhook.ts'
import type { InventoryWebhooks } from '../inventory/deps.ts'
import type { WebhooksDeps } from './deps.ts'
import { orderDeliveries } from './job-webhooks.ts'

/** The changes that are worth a message: a cluster that appears or is fixed needs no reaction. */
const TYPES: Partial<Record<InventoryChangeKind, InventoryMessageType>> = {
  egressChanged: 'cluster.egress.changed',
  rangesUncovered: 'cluster.egress.uncovered',
  diverged: 'cluster.egress.diverged',
}

/** The webhooks module as the inventory uses it. */
export function createInventoryWebhooks(deps: WebhooksDeps): InventoryWebhooks {
  const { azure } = deps
  return {
    async clusterChanged(trx, clusterKey, change) {
      const type = TYPES[change.kind]
      if (type === undefined) return
      const message = { type, timestamp: change.at, data: { change, azure } }
      await orderDeliveries(trx, deps, [clusterKey], null, [message])
    },
    async endpointsChanged(trx, at, endpoints) {
      const message = {
        type: 'endpoints.changed' as const,
        timestamp: at.toISOString(),
        data: { endpoints, azure },
      }
      await orderDeliveries(trx, deps, [null], null, [message])
    },
  }
}
