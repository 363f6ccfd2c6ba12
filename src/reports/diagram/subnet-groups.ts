import type { EffectivePath, EgressIpChange, PathChange, PathSide } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { API_SERVER, INTERNET } from '../../core/egress/destinations.ts'
import { subnetWithPools } from '../../core/lib/text.ts'
import { pluralize } from '../document/document.ts'
import { hasChanges, type ReportedPlan } from '../plan/reported-plan.ts'

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
  /** What the plan does with the path; null if the plan changes nothing. */
  change: 'pathNew' | 'pathReplaced' | 'pathRemoved' | 'pathKept' | null
  /** The ends that packets of this group reach by this path. */
  reaches: { internet: boolean; apiServer: boolean }
}

/** The API server in the diagram. */
export interface ApiServer {
  lines: string[]
  /** Whether nodes reach it inside the network and not by their egress path. */
  isInside: boolean
  isChanged: boolean
}

/** The content of the diagram for one side: one group for the whole cluster if no subnet is visible. */
export function subnetGroupsOf(plan: ReportedPlan, side: Side): SubnetGroup[] {
  if (plan.paths.length === 0) return [wholeClusterGroup(plan, side)]
  const groups = new Map<string, SubnetGroup>()
  for (const row of plan.paths) {
    const { subnetId, pools, family, destination } = row
    const group = { ...groupOf(row[side], plan, side), change: changeOf(row, plan, side) }
    const { reaches: _reaches, ...identity } = group
    const key = JSON.stringify(identity)
    const { subnets, reaches } = groups.get(key) ?? group
    // An exception has no room for its pools, and a diagram has no code font.
    const shownPools = isToInternet({ destination }) ? pools : []
    const name = subnetWithPools({ id: subnetId, pools: shownPools }).replaceAll('`', '')
    subnets.push(`${name}${trafficSuffix({ family, destination })}`)
    groups.set(key, {
      ...group,
      subnets,
      reaches: {
        internet: reaches.internet || destination !== API_SERVER,
        apiServer: reaches.apiServer || isToApiServer(row, plan.paths),
      },
    })
  }
  return [...groups.values()]
}

/** Traffic to the API server is IPv4. It has the path of the internet unless the subnet has an exception for it. */
function isToApiServer(row: PathChange, rows: PathChange[]): boolean {
  if (row.family === 'IPv6') return false
  if (row.destination === API_SERVER) return true
  return (
    isToInternet(row) &&
    !rows.some(({ subnetId, destination }) => subnetId === row.subnetId && destination === API_SERVER)
  )
}

function changeOf({ before, after }: PathChange, plan: ReportedPlan, side: Side): SubnetGroup['change'] {
  if (!hasChanges(plan) || plan.status === 'blocked') return null
  if (before.path === after.path && before.via === after.via) return 'pathKept'
  if (after.path === 'none') return side === 'before' ? 'pathRemoved' : null
  return side === 'before' ? 'pathReplaced' : 'pathNew'
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
  if (toCome > 0) shown.push({ text: laterText(toCome, plan), change: 'added' })
  if (!isComplete && path !== 'none') shown.push({ text: 'not visible in ARM', change: 'unknown' })
  return {
    subnets: [],
    path,
    via: via === null ? null : carrierName(via),
    addresses: sortByImportance(shown),
    change: null,
    reaches: { internet: false, apiServer: false },
  }
}

/** Addresses that do not exist yet, or that the job has not read yet. */
function laterText(count: number, { stage }: ReportedPlan): string {
  return `${count} new, ${stage === undefined ? 'unknown at plan time' : 'not known yet'}`
}

/** Before the change, an added address has no mark, because it is not added yet. A blocked plan changes no address. */
function addressChange(address: string, plan: ReportedPlan, side: Side): ShownAddress['change'] {
  if (plan.status === 'blocked') return null
  const change = plan.egressIps.find((entry) => entry.address === address)?.change ?? null
  return side === 'before' && change === 'added' ? null : change
}

function carrierName(via: string): string {
  return via.startsWith('/') ? lastSegment(via) : via
}

function wholeClusterGroup(plan: ReportedPlan, side: Side): SubnetGroup {
  const { snat, egressIps } = plan
  const absent = side === 'before' ? 'added' : 'lost'
  const present = egressIps.filter(({ change }) => change !== absent)
  const named = present.flatMap(({ address }) =>
    address === null ? [] : [{ text: address, change: addressChange(address, plan, side) }],
  )
  const unknown = present.filter(({ address }) => address === null)
  const later = unknown.filter(({ change }) => change === 'added').length
  const addresses: ShownAddress[] = [...named]
  if (later > 0) addresses.push({ text: laterText(later, plan), change: 'added' })
  if (unknown.length > later) addresses.push({ text: 'not visible in ARM', change: 'unknown' })
  return {
    subnets: ['all nodes'],
    path: snat[side].path,
    via: null,
    addresses: sortByImportance(addresses),
    change: null,
    reaches: { internet: true, apiServer: true },
  }
}

/** Changed addresses first, because long lists are truncated. */
function sortByImportance(shown: ShownAddress[]): ShownAddress[] {
  const order: ShownAddress['change'][] = ['lost', 'added', 'unknown', 'kept', null]
  return shown.toSorted((a, b) => order.indexOf(a.change) - order.indexOf(b.change))
}

const IN_VNET = 'nodes connect over the virtual network'

/** What the API server allows, in a few lines. */
export function apiServerOf(plan: ReportedPlan, side: Side): ApiServer {
  const { mode, current, add, addPrepared, missing, count, isApiServerInVnet = false } = plan.authorizedRanges
  switch (mode) {
    case 'off':
      return {
        lines: ['allows every address', ...(isApiServerInVnet ? [IN_VNET] : [])],
        isInside: isApiServerInVnet,
        isChanged: false,
      }
    case 'notApplicable':
      return { lines: ['private: reached inside the network'], isInside: true, isChanged: false }
    case 'nodesPrivate':
      return {
        lines: [pluralize(current.length, 'authorized IP range'), IN_VNET],
        isInside: true,
        isChanged: false,
      }
    case 'enforced': {
      const isAfter = side === 'after'
      const added = isAfter ? add.length + addPrepared.length : 0
      const lines = [`allows ${pluralize(isAfter ? count : current.length, 'authorized IP range')}`]
      if (added > 0) lines.push(`${added} added by the job before the cutover`)
      else if (isAfter && missing.length > 0)
        lines.push(`not allowed: ${pluralize(missing.length, 'new address', 'new addresses')}`)
      if (isAfter && plan.steps.some(({ key }) => key === 'authorize-discovered-ips'))
        lines.push('new addresses only after the cutover')
      return { lines, isInside: false, isChanged: lines.length > 1 }
    }
  }
}
