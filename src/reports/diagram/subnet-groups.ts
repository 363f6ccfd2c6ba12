import type { EffectivePath, EgressIpChange, PathChange, PathSide } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { API_SERVER, INTERNET } from '../../core/egress/destinations.ts'
import { subnetWithPools } from '../../core/lib/text.ts'
import { pluralize } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

export type Side = 'before' | 'after'

/** An address in the diagram, with its change if the plan lists it. */
export interface ShownAddress {
  text: string
  change: EgressIpChange['change'] | null
}

/** Subnets with the same egress path, what carries their traffic, and their public addresses. */
export interface SubnetGroup {
  subnets: string[]
  path: EffectivePath
  via: string | null
  addresses: ShownAddress[]
}

/** The content of the diagram for one side: one group for the whole cluster if no subnet is visible. */
export function subnetGroupsOf(plan: ReportedPlan, side: Side): SubnetGroup[] {
  if (plan.paths.length === 0) return [wholeClusterGroup(plan, side)]
  const groups = new Map<string, SubnetGroup>()
  for (const { subnetId, pools, family, destination, ...sides } of plan.paths) {
    const group = groupOf(sides[side], plan, side)
    const key = JSON.stringify(group)
    const { subnets } = groups.get(key) ?? group
    // An exception has no room for its pools, and a diagram has no code font.
    const shownPools = isToInternet({ destination }) ? pools : []
    const name = subnetWithPools({ id: subnetId, pools: shownPools }).replaceAll('`', '')
    subnets.push(`${name}${trafficSuffix({ family, destination })}`)
    groups.set(key, { ...group, subnets })
  }
  return [...groups.values()]
}

/** Whether a row is about the internet in general; plans of earlier versions name no destination. */
export function isToInternet({ destination = INTERNET }: Pick<PathChange, 'destination'>): boolean {
  return destination === INTERNET
}

/** What part of the traffic a row is about; empty for IPv4 traffic to the internet. */
function trafficSuffix({
  family,
  destination = INTERNET,
}: Pick<PathChange, 'family' | 'destination'>): string {
  const to = destination === INTERNET ? '' : ` to ${destinationLabel(destination)}`
  return family === 'IPv6' ? `${to}, IPv6` : to
}

/** The class of destinations of a row in a sentence. */
export function destinationLabel(destination: string): string {
  return destination === API_SERVER ? 'the API server' : destination
}

function groupOf(
  { path, via, addresses, toCome, isComplete }: PathSide,
  plan: ReportedPlan,
  side: Side,
): SubnetGroup {
  const shown = addresses.map((text) => ({ text, change: addressChange(text, plan, side) }))
  if (toCome > 0) shown.push({ text: `${toCome} new, unknown at plan time`, change: 'added' })
  if (!isComplete && path !== 'none') shown.push({ text: 'not visible in ARM', change: 'unknown' })
  return {
    subnets: [],
    path,
    via: via === null ? null : carrierName(via),
    addresses: sortByImportance(shown),
  }
}

/** Before the change, an added address has no mark, because it is not added yet. */
function addressChange(address: string, plan: ReportedPlan, side: Side): ShownAddress['change'] {
  const change = plan.egressIps.find((entry) => entry.address === address)?.change ?? null
  return side === 'before' && change === 'added' ? null : change
}

function carrierName(via: string): string {
  return via.startsWith('/') ? lastSegment(via) : via
}

function wholeClusterGroup({ snat, egressIps }: ReportedPlan, side: Side): SubnetGroup {
  const absent = side === 'before' ? 'added' : 'lost'
  const present = egressIps.filter(({ change }) => change !== absent)
  const named = present.flatMap(({ address, change }) =>
    address === null ? [] : [{ text: address, change }],
  )
  const unknown = present.filter(({ address }) => address === null)
  const later = unknown.filter(({ change }) => change === 'added').length
  const addresses: ShownAddress[] = [...named]
  if (later > 0) addresses.push({ text: `${later} new, unknown at plan time`, change: 'added' })
  if (unknown.length > later) addresses.push({ text: 'not visible in ARM', change: 'unknown' })
  return { subnets: ['all nodes'], path: snat[side].path, via: null, addresses: sortByImportance(addresses) }
}

/** Changed addresses first, because long lists are truncated. */
function sortByImportance(shown: ShownAddress[]): ShownAddress[] {
  const order: ShownAddress['change'][] = ['lost', 'added', 'unknown', 'kept', null]
  return shown.toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change))
}

/** The API server in the diagram, in one or two lines. */
export function apiServerLines({ authorizedRanges: ranges }: ReportedPlan, side: Side): string[] {
  const { mode, current, add, addPrepared, missing, count } = ranges
  switch (mode) {
    case 'off':
      return ['allows every address']
    case 'notApplicable':
      return ['private: reached inside the network']
    case 'nodesPrivate':
      return [pluralize(current.length, 'authorized IP range'), 'nodes connect over the virtual network']
    case 'enforced': {
      const entries = side === 'before' ? current.length : count
      const isIncomplete = side === 'after' && add.length + addPrepared.length === 0 && missing.length > 0
      const lead = `allows ${pluralize(entries, 'authorized IP range')}`
      return isIncomplete
        ? [lead, `not allowed: ${pluralize(missing.length, 'new address', 'new addresses')}`]
        : [lead]
    }
  }
}
