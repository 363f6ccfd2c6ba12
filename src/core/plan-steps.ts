import type { FieldChange } from './cluster-write.ts'
import type { Json, JsonObject } from './json.ts'

export const STEP_KEYS = [
  'check-freshness',
  'widen-authorized-ranges',
  'await-range-propagation',
  'change-outbound-type',
  'verify',
  'discover-egress-ips',
  'authorize-discovered-ips',
] as const
/** Steps that a plan has as often as it has resources to make or alter carry their own names behind a prefix. */
export type StepKey =
  | (typeof STEP_KEYS)[number]
  | `prepare-${string}`
  | `undo-${string}`
  | `clean-up-${string}`
  | `upgrade-node-image-${string}`

/** What every key looks like, as a regular expression. */
export const STEP_KEY_PATTERN = '^[a-z0-9]+(-[a-z0-9]+)*$'

export interface Step {
  key: StepKey
  title: string
  /** Keys of the steps that must have succeeded before. */
  requires: StepKey[]
  does: StepAction
  expects: Expectation[]
  /** How to undo it in words, or why it cannot be undone. */
  undo: string
  /** The same for machines: writes that bring the former body back; empty where there is nothing to undo or no way. */
  undoes: StepAction[]
}

export type StepAction =
  /** Reads the cluster again and compares it with the plan's basis. */
  | { kind: 'checkFreshness' }
  /** One PUT of the managed cluster: a fresh GET plus these changes, on this ARM API version. */
  | { kind: 'updateCluster'; apiVersion: string; changes: FieldChange[] }
  /**
   * One PUT of one network resource: a new one (`body`; it must not exist yet), or a fresh GET with `changes`,
   * sent only while the fields that change are as in `former`.
   */
  | {
      kind: 'putResource'
      id: string
      apiVersion: string
      body: JsonObject | null
      changes: FieldChange[]
      former: FieldChange[]
    }
  /** One DELETE of a network resource; one that is gone already is done. */
  | { kind: 'deleteResource'; id: string; apiVersion: string }
  /** One POST of `upgradeNodeImageVersion` of an agent pool, whose nodes are then replaced one after the other. */
  | { kind: 'upgradeNodeImage'; id: string; apiVersion: string }
  /** Time that Azure needs before the step before it is in force. */
  | { kind: 'wait'; seconds: number }
  /** Reads the cluster and checks `expects`; changes nothing. */
  | { kind: 'readBack' }
  /** Reads the egress addresses that the cluster has now. */
  | { kind: 'discoverEgressIps' }

/** What the cluster's body must show afterwards; paths are JSON pointers, text is compared without case. */
export type Expectation =
  | { path: string; equals: Json }
  | { path: string; absent: true }
  /** `lacksCidrs`: no entry is one of these any more; a wider one that contains them is another matter. */
  | { path: string; coversCidrs: string[]; lacksCidrs?: string[] }
  | { path: string; coversDiscoveredEgress: true }
  /** The addresses of resources that earlier steps of the same job have made. */
  | { path: string; coversAddressesOf: string[] }
