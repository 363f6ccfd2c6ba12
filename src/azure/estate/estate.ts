import type { ClusterRef } from '../../contract/cluster.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'
import type { NetworkFactsByKind, NetworkKind } from '../arm.ts'

/**
 * Everything that the service may read in Azure, without the name of a subscription. Every method rejects with an
 * `ArmFault`. Its calls use a small part of each call budget, and wait for it: plans and jobs come first.
 */
export interface Estate {
  /** All clusters, from Resource Graph. It omits what the identity may not read, and may be some minutes behind. */
  findClusters(): AsyncIterable<EstatePage<ClusterFacts>>

  /** All network resources of one kind, from Resource Graph. */
  findNetwork<K extends NetworkKind>(kind: K): AsyncIterable<EstatePage<NetworkFactsByKind[K]>>

  /** The IDs of the subscriptions that the identity may read. */
  listSubscriptions(): Promise<string[]>

  /** All clusters of a subscription, from the provider. */
  listClusters(subscriptionId: string): Promise<ClusterFacts[]>

  /** All network resources of one kind in a subscription, from the provider. */
  listNetwork<K extends NetworkKind>(kind: K, subscriptionId: string): Promise<NetworkFactsByKind[K][]>

  /** Whether the provider says that a cluster does not exist. */
  isGone(ref: ClusterRef): Promise<boolean>
}

export interface EstatePage<T> {
  items: T[]
  /** The IDs of resources whose bodies could not be understood. */
  unreadable: string[]
}
