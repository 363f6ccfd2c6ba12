import type { JsonObject } from '../lib/json.ts'

/** The form of responses about the operation: AKS shows name and times, Microsoft.Network only the status (recordings). */
type Dialect = 'containerService' | 'network' | 'compute'

/** The effect of the operation when it succeeds. It is plain data, so that it survives a restart. */
type Effect =
  | { kind: 'create-cluster' }
  | { kind: 'update-cluster'; change: EgressChange }
  | { kind: 'delete-cluster' }
  | { kind: 'upgrade-node-image'; pool: string }
  | { kind: 'set-power'; code: 'Running' | 'Stopped' }
  | { kind: 'settle-network-resource' }
  | { kind: 'none' }

/** The part of a cluster update that changes the egress. */
export interface EgressChange {
  /** Outbound type before and after, as matrix keys (`managedNATGatewayV2` for StandardV2). */
  from: string
  to: string
  /** The requested profiles, without effective addresses; undefined if the target has none. */
  loadBalancerProfile: JsonObject | undefined
  natGatewayProfile: JsonObject | undefined
  /** True if a fault makes the service report success without a change. */
  ignored: boolean
  /** The former networkProfile, which is restored if the change is ignored. */
  before: JsonObject
  /** The former apiServerAccessProfile, which contains the authorized IP ranges; undefined if there was none. */
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
  /** Set if the operation will end as Failed. */
  failure: { code: string; message: string } | null
  /** True if `NotLatestOperation` is shown together with the status although nothing failed (recordings 4 and 8a). */
  errorInSuccess: boolean
  effect: Effect
  /** The message of a run-command at its end. */
  output?: string
}

/** The members of an operation that a handler sets when it starts it. The other members are added. */
export type OperationStart = Pick<Operation, 'dialect' | 'kind' | 'location' | 'resourceId' | 'effect'> & {
  durationSeconds: number
  subscription: string
  output?: string
}
