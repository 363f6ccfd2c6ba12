import type { RouteFacts } from '../network-facts.ts'

/** Something that a job itself has put in the way of a cluster's packets, as it wrote it. */
export type OwnLead =
  | { kind: 'natGateway'; subnetId: string; gatewayId: string }
  /** A table that was attached; `routes` are those that the job made it with, null where it stood there before. */
  | { kind: 'routeTable'; subnetId: string; tableId: string; routes: RouteFacts[] | null }
  /** `isMade`: a new route; otherwise one that the job found and led elsewhere. */
  | { kind: 'defaultRoute'; tableId: string; route: RouteFacts; isMade: boolean }

/** A default route of a job's that stays, and why. */
export interface KeptLead {
  routeTable: string
  route: string
  /** A sentence without its full stop. */
  because: string
}
