import type { NetworkCollection } from '../network-collection.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { subnetsOf } from '../snapshot-references.ts'
import type { PlanRequest } from '../target.ts'

/**
 * What a plan may write besides the cluster and its subnets: the route tables of these where a default route is to
 * come or to go, and what a clean-up may delete. Rights on them may be given on them alone.
 */
export function writtenIds(
  { prepare, cleanUp }: Pick<PlanRequest, 'prepare' | 'cleanUp'>,
  cluster: ClusterFacts,
  network: NetworkCollection,
): string[] {
  const made = [cleanUp, cleanUp?.leftBehind]
  const routed = made.flatMap((each) =>
    (each?.leads ?? []).flatMap((lead) => (lead.kind === 'defaultRoute' ? [lead.tableId] : [])),
  )
  const isRouted = prepare?.defaultRoute !== undefined || cleanUp?.detach === true
  const tables = subnetsOf(cluster, network).flatMap(({ routeTableId }) => routeTableId ?? [])
  const deleted = made.flatMap((each) => each?.delete ?? [])
  return [...(isRouted ? tables : []), ...routed, ...deleted]
}
