import { effectivePathOf } from '../effective-egress.ts'
import { listed } from '../lib/text.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../network-facts.ts'
import type { OutboundType } from '../outbound-type.ts'
import type { EffectivePath } from '../plan-egress.ts'
import { idKey, nameOf, resourceNameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import { cleanedSnapshot } from './cleaned-snapshot.ts'
import type { Detachment } from './detachment.ts'
import { gatewayOffSubnet, needsTable, routeGone, tableOff } from './detachments.ts'
import type { KeptLead, OwnLead } from './own-lead.ts'

/** What a lead comes to: nothing where it is gone, or what has to be asked about is told elsewhere. */
type Verdict = { take: Detachment; kept: KeptLead | null } | { keep: KeptLead } | null

/**
 * Of what a job has put in the packets' way, what can be taken off: only what is still as the job wrote it, serves
 * nobody else, and leaves every subnet a path that works without it. Routes that stay are named with the reason; a
 * gateway that stays is in use, which is told with its deletion.
 */
export function takenLeads(
  leads: OwnLead[],
  snapshot: Snapshot,
  type: OutboundType,
): { detachments: Detachment[]; kept: KeptLead[] } {
  const verdicts = leads.map((lead) => verdictOn(lead, snapshot, type))
  const candidates = verdicts.flatMap((each) => (each !== null && 'take' in each ? [each] : []))
  const cleaned = cleanedSnapshot(
    snapshot,
    candidates.map(({ take }) => take),
  )
  const detachments: Detachment[] = []
  const kept = verdicts.flatMap((each) => (each !== null && 'keep' in each ? [each.keep] : []))
  for (const { take, kept: named } of candidates) {
    const paths = take.subnets.map((id) => pathsOf(id, snapshot, cleaned, type))
    const cut = paths.filter(({ before, after }) => before !== after && !CARRYING.includes(after))
    if (cut.length === 0) {
      detachments.push({ ...take, movesTraffic: paths.some(({ before, after }) => before !== after) })
    } else if (named !== null)
      kept.push({
        ...named,
        because: `nothing else would carry the traffic of ${listed(cut.map(({ id }) => nameOf(id)))}`,
      })
  }
  return { detachments, kept }
}

/** Paths by which a cluster leaves of itself; Azure's default outbound access is nothing to move traffic to. */
const CARRYING: EffectivePath[] = ['loadBalancer', 'natGateway', 'instancePublicIp']

function pathsOf(id: string, snapshot: Snapshot, cleaned: Snapshot, type: OutboundType) {
  const pathIn = (each: Snapshot) => {
    const subnet = subnetIn(id, each)
    return subnet === undefined ? 'unknown' : effectivePathOf(subnet, each, type)
  }
  return { id, before: pathIn(snapshot), after: pathIn(cleaned) }
}

function subnetIn(id: string, { subnets }: Snapshot): SubnetFacts | undefined {
  return subnets.find((each) => idKey(each.id) === idKey(id))
}

function verdictOn(lead: OwnLead, snapshot: Snapshot, type: OutboundType): Verdict {
  switch (lead.kind) {
    case 'natGateway':
      return gatewayVerdict(lead, snapshot, type)
    case 'routeTable':
      return tableVerdict(lead, snapshot, type)
    case 'defaultRoute':
      return routeVerdict(lead, snapshot, type)
  }
}

/** The type that leaves by a gateway needs it, whoever attached it. */
function gatewayVerdict(
  { subnetId, gatewayId }: Extract<OwnLead, { kind: 'natGateway' }>,
  snapshot: Snapshot,
  type: OutboundType,
): Verdict {
  const subnet = subnetIn(subnetId, snapshot)
  if (!isSame(subnet?.natGatewayId, gatewayId) || subnet === undefined) return null
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return null
  return { take: gatewayOffSubnet(subnet, gatewayId, true), kept: null }
}

function tableVerdict(
  { subnetId, tableId, routes }: Extract<OwnLead, { kind: 'routeTable' }>,
  snapshot: Snapshot,
  type: OutboundType,
): Verdict {
  const subnet = subnetIn(subnetId, snapshot)
  if (!isSame(subnet?.routeTableId, tableId) || subnet === undefined) return null
  const table = snapshot.routeTables[idKey(tableId)]
  const [route] = routes ?? []
  const keep = (because: string): Verdict => ({ keep: keptLead(tableId, route?.name ?? 'default', because) })
  if (type === 'userDefinedRouting') return keep(NEEDED)
  if (table === undefined) return keep(UNREAD)
  if (needsTable(snapshot)) return keep('kubenet cannot do without the table')
  if (routes === null || route === undefined || !hasOnly(table, routes)) return keep(CHANGED)
  return { take: tableOff(subnet, table, route), kept: keptLead(tableId, route.name, '') }
}

function routeVerdict(
  { tableId, route, isMade }: Extract<OwnLead, { kind: 'defaultRoute' }>,
  snapshot: Snapshot,
  type: OutboundType,
): Verdict {
  const keep = (because: string): Verdict => ({ keep: keptLead(tableId, route.name, because) })
  const table = snapshot.routeTables[idKey(tableId)]
  if (table === undefined) return isUnread(tableId, snapshot) ? keep(UNREAD) : null
  const present = table.routes.find(({ name }) => name.toLowerCase() === route.name.toLowerCase())
  if (present === undefined) return null
  // A route that the job only led elsewhere is no longer its affair once it leads elsewhere still.
  if (!isSameRoute(present, route)) return isMade ? keep(CHANGED) : null
  if (type === 'userDefinedRouting') return keep(NEEDED)
  if (!isMade) return keep('the job did not make it but led it elsewhere, and it has to be led back')
  const own = new Set(snapshot.subnets.map(({ id }) => idKey(id)))
  const others = table.subnetIds.filter((id) => !own.has(idKey(id)))
  if (others.length > 0)
    return keep(
      `${listed(others.map((id) => `${resourceNameOf(id)}/${nameOf(id)}`))} use${others.length === 1 ? 's' : ''} the table too`,
    )
  return { take: routeGone(table.id, present, snapshot), kept: keptLead(tableId, route.name, '') }
}

const NEEDED = 'the outbound type is userDefinedRouting, which leaves by it'
const UNREAD = 'the route table could not be read'
const CHANGED = 'it is no longer as the job wrote it'

function keptLead(routeTable: string, route: string, because: string): KeptLead {
  return { routeTable, route, because }
}

/** A table that no list and no single read has shown is gone, unless something says otherwise. */
function isUnread(tableId: string, { subnets, unread }: Snapshot): boolean {
  return (
    subnets.some(({ routeTableId }) => isSame(routeTableId, tableId)) ||
    unread.some(({ what, reason }) => isSame(what, tableId) && reason !== 'not-found')
  )
}

function isSame(one: string | null | undefined, other: string): boolean {
  return idKey(one ?? '') === idKey(other)
}

function hasOnly({ routes }: RouteTableFacts, wanted: RouteFacts[]): boolean {
  return (
    routes.length === wanted.length &&
    wanted.every((route) => routes.some((each) => isSame(each.name, route.name) && isSameRoute(each, route)))
  )
}

function isSameRoute(present: RouteFacts, written: RouteFacts): boolean {
  return (
    present.addressPrefix === written.addressPrefix &&
    present.nextHopType.toLowerCase() === written.nextHopType.toLowerCase() &&
    (present.nextHopIpAddress ?? null) === written.nextHopIpAddress
  )
}
