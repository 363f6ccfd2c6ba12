import type { JsonObject } from '../lib/json.ts'

/** How the operation's answers look: AKS gives name and times, Microsoft.Network only the status (recordings). */
type Dialect = 'containerService' | 'network' | 'compute'

/** What happens to the world when the operation ends well. Plain data, so that it survives a restart. */
type Effect =
  | { kind: 'create-cluster' }
  | { kind: 'update-cluster'; change: EgressChange }
  | { kind: 'delete-cluster' }
  | { kind: 'upgrade-node-image'; pool: string }
  | { kind: 'set-power'; code: 'Running' | 'Stopped' }
  | { kind: 'settle-network-resource' }
  | { kind: 'none' }

/** The part of a cluster update that touches egress. */
export interface EgressChange {
  /** Outbound type before and after, as matrix keys (`managedNATGatewayV2` for StandardV2). */
  from: string
  to: string
  /** The wanted profiles, without effective addresses; undefined where the target has none. */
  loadBalancerProfile: JsonObject | undefined
  natGatewayProfile: JsonObject | undefined
  /** True when a fault makes the service claim success and change nothing. */
  ignored: boolean
  /** networkProfile as it was before, to go back to when the change is ignored. */
  before: JsonObject
  /** The same for apiServerAccessProfile, which holds the authorized ranges; undefined where there was none. */
  accessBefore: JsonObject | undefined
}

/** A long-running operation. `endMs` null means that it never ends (a stall). */
export interface Operation {
  id: string
  dialect: Dialect
  kind: 'create' | 'update' | 'delete' | 'abort'
  subscription: string
  location: string
  resourceId: string
  startMs: number
  endMs: number | null
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled'
  /** Set when the operation will end as Failed. */
  failure: { code: string; message: string } | null
  /** True when `NotLatestOperation` is shown beside the status although nothing is wrong (recordings 4 and 8a). */
  errorInSuccess: boolean
  effect: Effect
  /** The message of a run-command at its end. */
  output?: string
}

/** What a handler says about an operation it starts; the rest is filled in. */
export type OperationStart = Pick<Operation, 'dialect' | 'kind' | 'location' | 'resourceId' | 'effect'> & {
  durationSeconds: number
  subscription: string
  output?: string
}
