import type { CostMeter } from '../../contract/cost.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { INTERNET } from '../egress/destinations.ts'
import { hopFirewalls } from '../egress/next-hop-firewall.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import { pathLabel } from '../egress/path-labels.ts'
import type { EgressPath } from '../egress/paths.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { type MonthlyData, monthlyData } from '../plan/measured-data.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** The charges of a path for each GB. */
export interface DataPath {
  meters: CostMeter[]
  /** The firewall that the traffic passes; its tier decides the price. */
  firewall: FirewallFacts | null
  /** A charge that is not among the meters, as a sentence; null if there is none. */
  unknown: string | null
}

/** Data that passes the same meters before the change, and the same meters after it. */
export interface DataFlow {
  /** What carries the data before the change, as a part of a sentence. */
  carrier: string
  /** GB of one month; null if the amount is unknown. */
  gigabytes: number | null
  before: DataPath
  after: DataPath
}

export interface DataCharges {
  flows: DataFlow[]
  /** GB of one month through all carriers; null if a part is unknown. */
  gigabytes: number | null
  /** The hours of values behind the figure, of the resource with the fewest; null without values. */
  hours: number | null
  /** Why amounts are unknown. */
  because: string[]
}

/** The charges for the data of the cluster before and after the change, from the measured data of the current resources. */
export function dataCharges(context: PlanningContext): DataCharges {
  const sources = Map.groupBy(context.paths.before, (path) => sourceOf(path, context.snapshot))
  const data = monthlyData(context.snapshot)
  const found = [...sources].map(([key, paths]) => ({
    carrier: carrierName(key, paths),
    measured: data.get(key) ?? NOT_MEASURED,
    paths,
  }))
  const billed = found
    .map(({ measured, ...source }) => ({ measured, flows: flowsOf(source, measured, context) }))
    .filter(({ flows }) => flows.some(({ before, after }) => isBilled(before) || isBilled(after)))
  const totals = billed.map(({ measured }) => measured.total)
  const hours = billed.flatMap(({ measured }) => measured.hours ?? [])
  return {
    flows: billed.flatMap(({ flows }) => flows),
    gigabytes:
      totals.length === 0 || totals.includes(null)
        ? null
        : totals.reduce<number>((sum, total) => sum + (total ?? 0), 0),
    hours: hours.length === 0 ? null : Math.min(...hours),
    because: [...new Set(billed.flatMap(({ measured }) => measured.because ?? []))],
  }
}

function carrierName(key: string, [first]: EgressPath[]): string {
  return key.includes('/') || first === undefined ? `\`${lastSegment(key)}\`` : pathLabel(first.path)
}

const NOT_MEASURED: MonthlyData = { egress: null, inbound: 0, total: null, hours: null, because: null }

function isBilled({ meters, unknown }: DataPath): boolean {
  return meters.length > 0 || unknown !== null
}

/**
 * The resource that currently carries the traffic of a path: a resource with metrics, or the kind of path if ARM shows
 * none.
 */
function sourceOf(egress: EgressPath, snapshot: Snapshot): string {
  const { path, via } = egress
  const hops = path === 'virtualAppliance' ? hopFirewalls(egress, snapshot) : []
  // The share of each of several appliances on one route is unknown.
  const firewall = hops.every((item) => item === hops[0]) ? hops[0] : null
  const balancer = path === 'loadBalancer' ? aksLoadBalancer(snapshot) : null
  return idKey(firewall?.id ?? via ?? balancer?.id ?? path)
}

function flowsOf(
  { carrier, paths }: { carrier: string; paths: EgressPath[] },
  measured: MonthlyData,
  context: PlanningContext,
): DataFlow[] {
  const before = commonPath(paths.map((path) => dataPath(path, context.snapshot)))
  const after = commonPath(
    paths.flatMap((path) => laterPaths(path, context)).map((path) => dataPath(path, context.prepared)),
  )
  const inbound: DataFlow[] =
    measured.inbound === 0
      ? []
      : [{ carrier: `${carrier} (Services)`, gigabytes: measured.inbound, before: BALANCER, after: BALANCER }]
  // The sum is known if both parts have the same charges.
  if (measured.egress === null && measured.total !== null) {
    const isSame = [before, after].every((path) => keyOf(path) === keyOf(BALANCER))
    return isSame
      ? [{ carrier, gigabytes: measured.total, before, after }]
      : [{ carrier, gigabytes: null, before, after }, ...inbound]
  }
  return [{ carrier, gigabytes: measured.egress, before, after }, ...inbound]
}

const BALANCER: DataPath = { meters: ['loadBalancerGigabyte'], firewall: null, unknown: null }

/**
 * The paths that take over the traffic of a path. Traffic to the internet can also use separate routes that the change
 * adds.
 */
function laterPaths(path: EgressPath, { paths: { before, after } }: PlanningContext): EgressPath[] {
  const isBeside = (other: EgressPath) => other.subnetId === path.subnetId && other.family === path.family
  const named = new Set(before.filter(isBeside).map(({ destination }) => destination))
  const later = after.filter(isBeside)
  const same = later.filter(({ destination }) => destination === path.destination)
  const added =
    path.destination === INTERNET ? later.filter(({ destination }) => !named.has(destination)) : []
  return same.length > 0 ? [...same, ...added] : later.filter(({ destination }) => destination === INTERNET)
}

/** The common path of all traffic; unknown if the traffic is split between different paths in unknown parts. */
function commonPath(paths: DataPath[]): DataPath {
  const [first, ...others] = paths
  if (first !== undefined && others.every((path) => keyOf(path) === keyOf(first))) return first
  return {
    meters: [],
    firewall: null,
    unknown: 'The traffic is split between several egress paths, and the share of each path is unknown.',
  }
}

function keyOf({ meters, firewall, unknown }: DataPath): string {
  return JSON.stringify([meters, firewall?.id ?? null, unknown])
}

function dataPath(egress: EgressPath, snapshot: Snapshot): DataPath {
  const { path, subnetId } = egress
  const of = (...meters: CostMeter[]): DataPath => ({ meters, firewall: null, unknown: null })
  switch (path) {
    case 'natGateway':
      return of('natGatewayGigabyte')
    case 'loadBalancer':
      return BALANCER
    case 'virtualAppliance': {
      const hops = hopFirewalls(egress, snapshot)
      if (hops.length === 0) return unknownPath(path)
      return commonPath(
        hops.map((firewall) =>
          firewall === null ? unknownPath(path) : firewallDataPath(firewall, subnetId, snapshot),
        ),
      )
    }
    case 'none':
    case 'instancePublicIp':
    case 'defaultOutbound':
      return of()
    default:
      return unknownPath(path)
  }
}

function unknownPath(path: EgressPath['path']): DataPath {
  return {
    meters: [],
    firewall: null,
    unknown: `Charges for data on this egress path are unknown: ${pathLabel(path)}.`,
  }
}

/**
 * A NAT gateway on the subnet of the firewall bills the same data again. A peering bills each GB twice: where it leaves
 * one virtual network, and where it enters the other (virtual network pricing).
 */
function firewallDataPath(firewall: FirewallFacts, subnetId: string, snapshot: Snapshot): DataPath {
  const [home] = firewall.subnetIds
  const isPeered = home !== undefined && subnetId !== '' && vnetKeyOf(home) !== vnetKeyOf(subnetId)
  return {
    meters: [
      tierMeters(firewall)?.gigabyte ?? 'firewallGigabyte',
      ...(gatewayBehind(firewall, snapshot) !== null ? (['natGatewayGigabyte'] as const) : []),
      ...(isPeered ? (['peeringEgressGigabyte', 'peeringIngressGigabyte'] as const) : []),
    ],
    firewall,
    unknown:
      home === undefined
        ? 'Charges for data between the virtual network of the cluster and the firewall are unknown, because Azure Resource Manager does not show the subnet of the firewall, for example in a virtual hub.'
        : null,
  }
}

const TIER_METERS = {
  Basic: { hour: 'firewallBasicHour', gigabyte: 'firewallBasicGigabyte' },
  Standard: { hour: 'firewallHour', gigabyte: 'firewallGigabyte' },
  Premium: { hour: 'firewallPremiumHour', gigabyte: 'firewallPremiumGigabyte' },
} as const

/** The meters of a firewall; null for a tier that ARM does not show. */
export function tierMeters({ tier }: FirewallFacts): { hour: CostMeter; gigabyte: CostMeter } | null {
  const known = Object.keys(TIER_METERS).find((name): name is keyof typeof TIER_METERS =>
    equalsArm(tier, name),
  )
  return known === undefined ? null : TIER_METERS[known]
}
