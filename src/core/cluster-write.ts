import type { Json } from './json.ts'

/**
 * What a plan changes in a managed cluster's body, as data. A write is made from a fresh GET plus these
 * changes and nothing else. Paths are JSON pointers into the body as ARM shows it.
 */
export type FieldChange =
  | { op: 'set'; path: string; value: Json }
  | { op: 'remove'; path: string }
  /** Adds each CIDR that no entry of the list covers already; never takes one away (rulebook AUTHORIZED_REPLACE_SEMANTICS). */
  | { op: 'unionCidrs'; path: string; cidrs: string[] }
  /** As `unionCidrs`, with the egress addresses that the job found after the switch. */
  | { op: 'unionDiscoveredEgress'; path: string }
