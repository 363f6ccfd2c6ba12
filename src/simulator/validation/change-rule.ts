import type { ArmError } from '../arm/arm-error.ts'
import { poolsOf } from '../arm/managed-cluster.ts'
import type { JsonObject } from '../lib/json.ts'
import type { World } from '../world/world.ts'

/** A requested change of a cluster, for the rules that may reject it. */
export interface RequestedChange {
  world: World
  /** The cluster as it is. */
  current: JsonObject
  /** The cluster as it would be, profiles as they were sent. */
  wanted: JsonObject
  /** networkProfile of the request itself. */
  sent: JsonObject
  apiVersion: string
  from: string
  to: string
}

/** Returns why a requested change is rejected, or nothing. */
export type ChangeRule = (change: RequestedChange) => ArmError | undefined

/** True when the change is one of the outbound type. */
export function isTypeChange(change: RequestedChange): boolean {
  return change.from !== change.to
}

/** True when any pool fulfils a condition. */
export function hasPool(change: RequestedChange, condition: (pool: JsonObject) => boolean): boolean {
  return poolsOf(change.wanted).some(condition)
}
