import type { FieldChange } from './cluster-write.ts'
import type { Json } from './json.ts'

export const STEP_KEYS = [
  'check-freshness',
  'widen-authorized-ranges',
  'await-range-propagation',
  'change-outbound-type',
  'verify',
  'discover-egress-ips',
  'authorize-discovered-ips',
] as const
export type StepKey = (typeof STEP_KEYS)[number]

export interface Step {
  key: StepKey
  title: string
  /** Keys of the steps that must have succeeded before. */
  requires: StepKey[]
  does: StepAction
  expects: Expectation[]
  /** How to undo it in words, or why it cannot be undone. */
  undo: string
}

export type StepAction =
  /** Reads the cluster again and compares it with the plan's basis. */
  | { kind: 'checkFreshness' }
  /** One PUT of the managed cluster: a fresh GET plus these changes, on this ARM API version. */
  | { kind: 'updateCluster'; apiVersion: string; changes: FieldChange[] }
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
  | { path: string; coversCidrs: string[] }
  | { path: string; coversDiscoveredEgress: true }
