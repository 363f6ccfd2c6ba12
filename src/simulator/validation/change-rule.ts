import type { ArmError } from '../arm/arm-error.ts'
import { poolsOf } from '../arm/managed-cluster.ts'
import type { JsonObject } from '../lib/json.ts'
import type { World } from '../world/world.ts'

/** A requested change of a cluster, for the rules that may reject it. */
export interface RequestedChange {
  world: World
  /** The current cluster. */
  current: JsonObject
  /** The cluster after the change, with the profiles of the request. */
  wanted: JsonObject
  /** networkProfile of the request itself. */
  sent: JsonObject
  apiVersion: string
  from: string
  to: string
}

/** Returns the reason for rejecting a requested change, or nothing. */
export type ChangeRule = (change: RequestedChange) => ArmError | undefined

/** True if the change includes the outbound type. */
export function isTypeChange(change: RequestedChange): boolean {
  return change.from !== change.to
}

/** True if any pool meets a condition. */
export function hasPool(change: RequestedChange, condition: (pool: JsonObject) => boolean): boolean {
  return poolsOf(change.wanted).some(condition)
}
