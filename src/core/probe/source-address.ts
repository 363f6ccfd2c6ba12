import type { IpFamily, PathChange } from '../../contract/egress.ts'
import type { NodeProbe } from '../../contract/probe.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { uncovered } from '../lib/cidr.ts'

/** The planned source addresses, and the conditions under which nodes measured theirs. */
export interface PlannedSource {
  /** The `after` side has the addresses that count. */
  paths: PathChange[]
  /** Whether the nodes measured their source address. */
  asksSource: boolean
  /** Whether the target of the change has no egress: `none` or `block`. */
  isolates?: boolean | undefined
  /** The HTTP proxy of the request for the source address. The result is then an address of the proxy. */
  sourceProxy?: string | undefined
}

/** Sentences: `lost` if the address of a node is not as planned, `warning` if this cannot be decided. */
export interface SourceVerdict {
  lost?: string
  warning?: string
}

type Node = Pick<NodeProbe, 'pool' | 'subnetId' | 'sourceAddress' | 'sourceAddressIpv6'>

/**
 * Compares the observed source addresses of a node with the addresses that the plan promises to its pool and subnet. Nodes of
 * a dual-stack cluster measure one address of each family.
 */
export function compareSources(known: Node | null, node: Node, plan: PlannedSource): SourceVerdict[] {
  if (!plan.asksSource) return []
  const { sourceAddress, sourceAddressIpv6 } = node
  const former = known?.sourceAddress ?? null
  if (sourceAddressIpv6 === undefined)
    return [compareSource({ address: sourceAddress, former, over: '' }, node, plan)]
  const formerIpv6 = known?.sourceAddressIpv6 ?? null
  return [
    compareSource({ address: sourceAddress, former, over: ' over IPv4' }, node, plan),
    compareSource({ address: sourceAddressIpv6, former: formerIpv6, over: ' over IPv6' }, node, plan),
  ]
}

interface Observed {
  address: string | null
  former: string | null
  /** The family in a sentence, if the nodes measured each family. */
  over: string
}

function compareSource({ address, former, over }: Observed, node: Node, plan: PlannedSource): SourceVerdict {
  const { subnetId } = node
  const family = over === '' ? familyOf(address ?? former ?? '') : over === ' over IPv6' ? 'IPv6' : 'IPv4'
  if (address === null) {
    if (isIsolatedByPlan(plan, node) || hasNoPath(plan.paths, node, family)) return {}
    return former === null
      ? { warning: `the URL for the source address returned no address${over}.` }
      : {
          lost: `The URL for the source address returns no address${over}. Before, it returned ${former}.`,
        }
  }
  const { addresses, isKnown } = promisedAddresses(plan.paths, node, family)
  if (covers(addresses, address)) return {}
  if (!isKnown)
    return {
      warning: `packets leave from ${address}. The plan does not contain all addresses, so this address cannot be compared.`,
    }
  const place = subnetId === null ? 'of the plan' : `in the plan for subnet \`${lastSegment(subnetId)}\``
  const cause = `Packets leave from ${address}. The addresses ${place} are: ${addresses.length === 0 ? 'none' : addresses.join(', ')}.`
  return plan.sourceProxy === undefined
    ? { lost: cause }
    : { warning: `the observed address is that of the HTTP proxy ${plan.sourceProxy}. ${cause}` }
}

/** Whether the plan removes the egress of a node. A change to `none` keeps the path of a route to an appliance. */
export function isIsolatedByPlan({ isolates, paths }: PlannedSource, node: Pick<Node, 'pool' | 'subnetId'>) {
  const rows = paths.filter(({ destination = INTERNET }) => destination === INTERNET)
  const own = rowsOf(rows, node)
  // Without a visible subnet, the plan has no rows: no route is known that would keep a path.
  return isolates === true && (own.length > 0 ? own : rows).every(({ after }) => after.path === 'none')
}

function familyOf(address: string): IpFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

/** Whether the plan gives a node no egress path of this family. */
function hasNoPath(paths: PathChange[], node: Node, family: IpFamily): boolean {
  const rows = paths.filter((row) => (row.family ?? 'IPv4') === family && row.destination !== API_SERVER)
  const own = rowsOf(rows, node)
  return own.length > 0 && own.every(({ after }) => after.path === 'none')
}

/** The paths of the subnet and pool of a node. */
function rowsOf(paths: PathChange[], { pool, subnetId }: Pick<Node, 'pool' | 'subnetId'>): PathChange[] {
  const rows = paths.filter((row) => subnetId === null || idKey(row.subnetId) === idKey(subnetId))
  const isOfPool = ({ pools }: PathChange) => pools.some((name) => equalsArm(name, pool))
  // A pool that is newer than the plan is in no row. Its path is that of one of the other pools.
  return rows.some(isOfPool) ? rows.filter(isOfPool) : rows
}

/**
 * Each subnet has its own addresses, and so do pools with public IPs. The address of the URL is unknown, and thus its route.
 * So the addresses of all destinations of the subnet count, except those of the API server.
 */
function promisedAddresses(
  paths: PathChange[],
  node: Node,
  family: IpFamily,
): { addresses: string[]; isKnown: boolean } {
  const ofFamily = paths.filter((row) => (row.family ?? 'IPv4') === family && row.destination !== API_SERVER)
  const own = rowsOf(ofFamily, node)
  return {
    addresses: [...new Set(own.flatMap(({ after }) => after.addresses))],
    isKnown:
      own.some(({ destination = INTERNET }) => destination === INTERNET) &&
      own.every(
        ({ after: { isComplete, toCome, certainty = 'certain' } }) =>
          isComplete && toCome === 0 && certainty === 'certain',
      ),
  }
}

/**
 * The paths after a rollback: the former paths with the addresses that Azure shows after it. AKS may have replaced some, so
 * an address that no path had before can belong to each path that lacks one.
 */
export function restoredPaths(
  paths: PathChange[],
  found: { address: string; family: IpFamily }[] | undefined,
): PathChange[] {
  const former = paths.flatMap(({ before }) => before.addresses)
  const fresh = (found ?? []).filter(({ address }) => !covers(former, address))
  return paths.map((row) => {
    const { before, family = 'IPv4' } = row
    if (found === undefined) return { ...row, after: { ...before, isComplete: false } }
    const kept = before.addresses.filter((own) =>
      found.some(({ address }) => covers([own], address) || covers([address], own)),
    )
    const replacements = kept.length === before.addresses.length ? [] : fresh
    const added = replacements.flatMap((other) => (other.family === family ? other.address : []))
    return { ...row, after: { ...before, addresses: [...kept, ...added] } }
  })
}

function covers(list: string[], address: string): boolean {
  return uncovered(list, [address]).length === 0
}
