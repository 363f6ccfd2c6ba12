import type { ClusterRef } from '../../contract/cluster.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'
import type { NetworkFactsByKind, NetworkKind } from '../arm.ts'

/**
 * Reads of all resources that the service may read, over all subscriptions. Every method rejects with an `ArmFault`.
 * The calls use only a part of each call budget, and wait for it, because plans and jobs come first.
 */
export interface Estate {
  /** All clusters, from Resource Graph. The list omits clusters that the identity may not read, and can be some minutes old. */
  findClusters(): AsyncIterable<EstatePage<ClusterFacts>>

  /** All network resources of one kind, from Resource Graph. */
  findNetwork<K extends NetworkKind>(kind: K): AsyncIterable<EstatePage<NetworkFactsByKind[K]>>

  /** The IDs of the subscriptions that the identity may read. */
  listSubscriptions(): Promise<string[]>

  /** All clusters of a subscription, from the provider. */
  listClusters(subscriptionId: string): Promise<ClusterFacts[]>

  /** All network resources of one kind in a subscription, from the provider. */
  listNetwork<K extends NetworkKind>(kind: K, subscriptionId: string): Promise<NetworkFactsByKind[K][]>

  /** Whether the provider returns 404 for a cluster. */
  isGone(ref: ClusterRef): Promise<boolean>
}

export interface EstatePage<T> {
  items: T[]
  /** The IDs of resources whose bodies could not be read. */
  unreadable: string[]
}
