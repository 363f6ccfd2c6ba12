import { clusterId, idKey } from '../resource-id.ts'
import type { ClusterRef } from '../target.ts'

/**
 * Clusters by their names. `*` stands for any letters within one name, which is unambiguous because ARM
 * admits it in none; letter case does not count, as ARM has it.
 */
export interface ClusterPattern {
  /** A subscription id, or `*`. */
  subscriptionId: string
  resourceGroup: string
  clusterName: string
}

/** The clusters that somebody may do one thing on; an empty list is none of them. */
export type Reach = 'everything' | readonly ClusterPattern[]

/** A cluster as stores key it: its ARM id in lower case. */
export function clusterKey(cluster: ClusterRef): string {
  return idKey(clusterId(cluster))
}

export function isWithin(reach: Reach, key: string): boolean {
  return reach === 'everything' || reach.some((pattern) => matches(pattern, key))
}

function matches(pattern: ClusterPattern, key: string): boolean {
  const text = patternKey(pattern)
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*')
  return new RegExp(`^${text}$`, 'u').test(key)
}

/** The pattern as a key in which `*` still stands for any letters. */
export function patternKey({ subscriptionId, resourceGroup, clusterName }: ClusterPattern): string {
  return clusterKey({ subscriptionId, resourceGroup, name: clusterName })
}
