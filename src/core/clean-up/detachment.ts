import type { FieldChange } from '../cluster-write.ts'
import type { JsonObject } from '../json.ts'

/** One thing that is taken off the way of a cluster's packets. */
export interface Detachment {
  /** The resource that is written: a subnet, or a route. */
  id: string
  title: string
  movesTraffic: boolean
  does:
    | { kind: 'alter'; changes: FieldChange[]; former: FieldChange[] }
    /** `body` brings it back. */
    | { kind: 'delete'; body: JsonObject }
  /** The subnets that it changes, and what they lose. */
  subnets: string[]
  takes: 'natGateway' | 'routeTable' | 'defaultRoute'
}
