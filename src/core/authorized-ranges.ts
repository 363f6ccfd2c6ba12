import type { AfterEgress } from './after-egress.ts'
import { asCidr, uncovered } from './cidr.ts'
import type { AuthorizedRangesPlan, EgressIpChange } from './plan.ts'
import type { ClusterFacts } from './snapshot.ts'

/** Entries that an API server admits: 200, or 2,000 with API Server VNet Integration (AR; AUTHORIZED_LIMIT). */
const LIMIT = 200
const LIMIT_WITH_VNET_INTEGRATION = 2000

/** The entry that stands for the cluster's own load balancer address only (AR). */
export const PLACEHOLDER_RANGE = '0.0.0.0/32'

/**
 * What the API server's authorized ranges need for this change. Only widening: what the former egress
 * needed is named in `removeLater` and stays until a person has it removed.
 */
export function authorizedRangesPlan(
  cluster: ClusterFacts,
  after: AfterEgress,
  ledger: EgressIpChange[],
  widen: boolean,
): AuthorizedRangesPlan {
  const mode = rangesMode(cluster)
  const current = cluster.authorizedIPRanges
  const needed = after.known.flatMap((each) => (each.address === null ? [] : [asCidr(each.address)]))
  const missing = mode === 'enforced' ? [...new Set(uncovered(current, needed))] : []
  const add = widen ? missing : []
  return {
    mode,
    current,
    missing,
    add,
    removeLater: mode === 'enforced' ? removableLater(current, ledger) : [],
    count: current.length + add.length,
    limit: rangesLimit(cluster),
  }
}

/** How many entries this cluster's API server admits. */
export function rangesLimit(cluster: ClusterFacts): number {
  return cluster.enableVnetIntegration ? LIMIT_WITH_VNET_INTEGRATION : LIMIT
}

/** Whether ranges are on, and whether the nodes' own way to the API server depends on them (AR, PC, VI). */
export function rangesMode(cluster: ClusterFacts): AuthorizedRangesPlan['mode'] {
  if (cluster.enablePrivateCluster) return 'notApplicable'
  if (cluster.authorizedIPRanges.length === 0) return 'off'
  return cluster.enableVnetIntegration ? 'nodesPrivate' : 'enforced'
}

function removableLater(current: string[], ledger: EgressIpChange[]): string[] {
  const lost = ledger.flatMap((each) =>
    each.change === 'lost' && each.address !== null ? [asCidr(each.address)] : [],
  )
  return current.filter((entry) => lost.includes(asCidr(entry)))
}
