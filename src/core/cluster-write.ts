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
  /** As `unionCidrs`, with the addresses of resources that earlier steps of the job have made, by their ids. */
  | { op: 'unionAddressesOf'; path: string; resourceIds: string[] }
  /** Takes entries out that are exactly these: what a widening has added, and only to undo it. */
  | { op: 'subtractCidrs'; path: string; cidrs: string[] }
  | { op: 'subtractAddressesOf'; path: string; resourceIds: string[] }
  /** As `unionCidrs`, with the egress addresses that the job found after the switch. */
  | { op: 'unionDiscoveredEgress'; path: string }
