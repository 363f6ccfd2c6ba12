import type { AuthorizedRangesPlan, EffectivePath, EgressIpChange } from '../../contract/egress.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import type { EgressAddress } from './addresses.ts'
import type { ProjectedEgress } from './projected-egress.ts'

/** The maximum number of entries: 200, or 2,000 with API Server VNet Integration (api-server-authorized-ip-ranges). */
const MAX_RANGES = 200
const MAX_RANGES_WITH_VNET_INTEGRATION = 2000

/** The entry that allows only the address of the cluster's load balancer (api-server-authorized-ip-ranges). */
export const PLACEHOLDER_RANGE = '0.0.0.0/32'

/** The facts of a change that determine the required ranges. */
export interface RangesChange {
  from: TypeKey | null
  to: TypeKey
  /** The path from the nodes to the API server after the change, and the source addresses that the API server sees. */
  apiServerPath: EffectivePath
  apiServer: ProjectedEgress
  ledger: EgressIpChange[]
  released: EgressAddress[]
  widen: boolean
}

/**
 * The changes that the authorized IP ranges need for this change; null if nothing changes. A plan only adds ranges.
 * `removeLater` contains the ranges of addresses that the cluster then no longer uses; they stay until a cleanup removes them.
 * Ranges of addresses that other resources may continue to use are not among them.
 */
export function authorizedRangesPlan(
  cluster: ClusterFacts,
  change: RangesChange | null,
): AuthorizedRangesPlan {
  const mode = rangesMode(cluster)
  const current = cluster.authorizedIPRanges
  const isEnforced = mode === 'enforced' && change !== null
  const missing = isEnforced ? [...new Set(uncovered(current, neededRanges(cluster, change)))] : []
  const add = change?.widen === true ? missing : []
  const prepared = isEnforced ? preparedIds(cluster, change) : []
  const addPrepared = change?.widen === true ? prepared : []
  return {
    mode,
    current,
    missing: change?.widen === true ? missing : [...missing, ...prepared],
    add,
    addPrepared,
    removeLater: isEnforced ? removableLater(current, change) : [],
    count:
      current.length +
      add.length +
      addPrepared.length +
      (change === null ? 0 : countLateRanges(cluster, change)),
    limit: maxRanges(cluster),
    ...(cluster.enableVnetIntegration && !cluster.enablePrivateCluster ? { isApiServerInVnet: true } : {}),
  }
}

/** The number of addresses that the job must add after the change, because AKS creates them during the change. */
export function countLateRanges(
  cluster: ClusterFacts,
  change: Pick<RangesChange, 'to' | 'apiServerPath' | 'apiServer' | 'widen'>,
): number {
  if (rangesMode(cluster) !== 'enforced' || !change.widen || isCoveredByPlaceholder(cluster, change)) return 0
  return change.apiServer.created.IPv4 + change.apiServer.created.IPv6
}

/**
 * `0.0.0.0/32` allows the present and future addresses of the load balancer, and excludes other entries
 * (api-server-authorized-ip-ranges).
 */
export function isCoveredByPlaceholder(
  cluster: ClusterFacts,
  change: Pick<RangesChange, 'to' | 'apiServerPath'>,
): boolean {
  return (
    cluster.authorizedIPRanges.includes(PLACEHOLDER_RANGE) &&
    change.to === 'loadBalancer' &&
    change.apiServerPath === 'loadBalancer'
  )
}

/**
 * Whether AKS allows this address without an entry: the address of the load balancer, while the type loadBalancer is
 * declared (api-server-authorized-ip-ranges).
 */
export function isImplicitlyAllowed(cluster: ClusterFacts, resourceId: string | null): boolean {
  const own = cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []
  return resourceId !== null && own.some((id) => idKey(id) === idKey(resourceId))
}

/** The addresses that need an entry: those that are known, except addresses of the load balancer while the type stays. */
export function addressesThatNeedEntries(
  cluster: ClusterFacts,
  { from, to }: Pick<RangesChange, 'from' | 'to'>,
  addresses: EgressAddress[],
): string[] {
  const staysOnLoadBalancer = from === 'loadBalancer' && to === 'loadBalancer'
  return addresses
    .filter(({ resourceId }) => !(staysOnLoadBalancer && isImplicitlyAllowed(cluster, resourceId)))
    .flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
}

function neededRanges(cluster: ClusterFacts, change: RangesChange): string[] {
  if (isCoveredByPlaceholder(cluster, change)) return []
  return addressesThatNeedEntries(cluster, change, change.apiServer.known)
}

/**
 * The addresses that do not exist yet and need an entry. A prefix counts as one entry, like a single address. In the preview
 * of a rollback, the current entries contain the IDs of addresses that the job has then added.
 */
function preparedIds(cluster: ClusterFacts, change: RangesChange): string[] {
  if (isCoveredByPlaceholder(cluster, change)) return []
  const isAllowed = (id: string) => cluster.authorizedIPRanges.some((entry) => equalsArm(entry, id))
  return change.apiServer.prepared.flatMap(({ resourceId }) =>
    resourceId === null || isAllowed(resourceId) ? [] : [resourceId],
  )
}

/** The maximum number of entries for this cluster. */
export function maxRanges(cluster: ClusterFacts): number {
  return cluster.enableVnetIntegration ? MAX_RANGES_WITH_VNET_INTEGRATION : MAX_RANGES
}

/**
 * Whether authorized IP ranges are set, and whether the access of nodes to the API server depends on them
 * (api-server-authorized-ip-ranges, private-clusters, api-server-vnet-integration).
 */
export function rangesMode(cluster: ClusterFacts): AuthorizedRangesPlan['mode'] {
  if (cluster.enablePrivateCluster) return 'notApplicable'
  if (cluster.authorizedIPRanges.length === 0) return 'off'
  return cluster.enableVnetIntegration ? 'nodesPrivate' : 'enforced'
}

/**
 * Entries for addresses that the cluster no longer uses. Azure may assign such an address to another customer, who must
 * not reach the API server. The range of a lost prefix stays while it covers an address that the cluster or another
 * resource uses after the change.
 */
function removableLater(current: string[], { ledger, released }: RangesChange): string[] {
  const isUnused = (row: EgressIpChange) => row.change === 'lost' && !staysShared(row)
  const unused = cidrsOf([...ledger.filter(isUnused), ...released])
  const used = cidrsOf(ledger.filter((row) => !isUnused(row)))
  return current.filter(
    (entry) => unused.includes(toCidr(entry)) && !used.some((address) => overlaps(toCidr(entry), address)),
  )
}

/**
 * The entries for addresses that the cluster no longer uses, and from which clients behind the same firewall or NAT gateway
 * may reach the API server. Only the customer knows whether such clients exist, so no cleanup removes these entries.
 */
export function sharedRanges(current: string[], ledger: EgressIpChange[]): string[] {
  const shared = cidrsOf(ledger.filter(staysShared))
  return current.filter((entry) => shared.includes(toCidr(entry)))
}

/** An address that AKS releases, or that the plan deletes, no longer belongs to the customer. */
function staysShared({ change, isShared, recoverable }: EgressIpChange): boolean {
  return change === 'lost' && isShared === true && recoverable
}

function cidrsOf(addresses: { address: string | null }[]): string[] {
  return addresses.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
}

/** One of two prefixes contains the other, or they have no address in common. */
function overlaps(left: string, right: string): boolean {
  return uncovered([left], [right]).length === 0 || uncovered([right], [left]).length === 0
}
