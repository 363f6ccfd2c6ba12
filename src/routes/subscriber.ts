import type { FastifyRequest } from 'fastify'
import type { ClusterPattern } from '../core/access/reach.ts'
import type { Subscriber } from '../webhooks/webhooks.ts'
import { principalsOf } from './auth/caller.ts'

/** The caller as the owner of webhooks. */
export function subscriberOf({ caller }: FastifyRequest): Subscriber {
  return { name: caller.name, owner: principalsOf(caller) }
}

/** Names that were left out are all names. */
export function toPatterns(
  clusters: readonly { subscriptionId: string; resourceGroup?: string; clusterName?: string }[],
): ClusterPattern[] {
  return clusters.map(({ subscriptionId, resourceGroup = '*', clusterName = '*' }) => ({
    subscriptionId,
    resourceGroup,
    clusterName,
  }))
}
