import type { Json } from '../../contract/json.ts'
import type { Plan } from '../../contract/plan.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { currentSide, type EgressPath, egressAddressesOf, egressPaths } from '../egress/paths.ts'
import { projectedSide } from '../egress/projected-egress.ts'
import { halfRoutesIn, hopLabel } from '../egress/routes.ts'
import { defaultRouteOf } from '../egress/subnet-attachments.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { prepare } from '../preparation/prepare.ts'
import { preparedSnapshot } from '../preparation/prepared-snapshot.ts'
import { defaultRequest } from '../request/plan-request.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { LOAD_BALANCER_PATH, NAT_GATEWAY_PATH, RANGES_PATH, valueAt } from '../target/cluster-patch.ts'
import { type DoneStep, withoutWrites } from './network-before-writes.ts'

/** A fact on which the plan is based and that has changed. */
export interface StaleFact {
  path: string
  planned: Json
  found: Json
}

/**
 * The basis of a plan: the ETag if ARM shows one, and the facts that the plan depends on. Node counts and versions are
 * excluded on purpose: they change often, and no plan depends on them.
 */
export function buildBasis({
  snapshot,
  request,
  preparation,
  target,
  changesEgress,
  paths,
}: PlanningContext): Plan['basis'] {
  const plan = { request: request.target, prepare: request.prepare ?? null, to: target }
  const after = changesEgress
    ? paths.after
    : preparation.writes.length > 0
      ? pathsAfter(plan, snapshot)
      : null
  return {
    etag: snapshot.cluster.etag,
    facts: {
      ...clusterFacts(snapshot.cluster),
      ...networkFacts(snapshot),
      ...(after === null ? {} : { [PATHS_AFTER]: after.map(pathFact).sort() }),
    },
  }
}

/** Missing for a plan that changes no path, and for older plans. */
const PATHS_AFTER = 'network.pathsAfter'

/** The parts of a plan that determine what it expects of the cluster. */
type Expectation = Pick<Plan, 'basis' | 'request' | 'prepare' | 'to'>

/**
 * The paths that the change would have from this snapshot. They depend on resources that no packet may use yet: the
 * gateway, firewall, and addresses of the target.
 */
function pathsAfter(plan: Pick<Expectation, 'request' | 'prepare' | 'to'>, snapshot: Snapshot): EgressPath[] {
  const request = defaultRequest(snapshot.cluster, plan.request)
  const preparation = prepare(
    plan.prepare === null ? request : { ...request, prepare: plan.prepare },
    snapshot,
  )
  return egressPaths(projectedSide(preparedSnapshot(snapshot, preparation), plan.to))
}

function foundFacts(plan: Expectation, snapshot: Snapshot): Record<string, Json> {
  return {
    ...clusterFacts(snapshot.cluster),
    ...networkFacts(snapshot),
    ...(PATHS_AFTER in plan.basis.facts
      ? { [PATHS_AFTER]: pathsAfter(plan, snapshot).map(pathFact).sort() }
      : {}),
  }
}

/** The differences between a new snapshot and the basis of the plan, the ETag first. Empty if the plan is not stale. */
export function findStaleFacts(plan: Expectation, snapshot: Snapshot): StaleFact[] {
  const { etag } = snapshot.cluster
  const moved = etag !== null && plan.basis.etag !== null && etag !== plan.basis.etag
  const found = foundFacts(plan, snapshot)
  const differences = compare(plan.basis.facts, found, Object.keys(plan.basis.facts))
  return moved
    ? [{ path: 'cluster.etag', planned: plan.basis.etag, found: etag }, ...differences]
    : differences
}

/**
 * Like `findStaleFacts`, but only for the body of the cluster and without the ETag, which the writes of the job change.
 * Changes that the job has already made (`applied`) are no differences.
 */
export function findStaleClusterFacts(
  plan: Pick<Plan, 'basis'>,
  cluster: ClusterFacts,
  applied: FieldChange[],
): StaleFact[] {
  const found = clusterFacts(cluster)
  const paths = Object.keys(plan.basis.facts).filter((path) => path in found)
  const differences = compare(plan.basis.facts, found, paths)
  return differences.filter((difference) => !isOwnWidening(difference, applied))
}

/**
 * Like `findStaleFacts`, but during a job: without the ETag, which the writes of the job change. The ranges that the
 * job has added (`applied`) are no difference while they exist. The same applies to attachments to subnets (`done`).
 */
export function findStaleFactsMidJob(
  plan: Expectation,
  snapshot: Snapshot,
  applied: FieldChange[],
  done: readonly DoneStep[] = [],
): StaleFact[] {
  const found = foundFacts(plan, withoutWrites(snapshot, done))
  const differences = compare(plan.basis.facts, found, Object.keys(plan.basis.facts)).filter(
    (item) => !isOwnWidening(item, applied),
  )
  const path = 'cluster.authorizedIPRanges'
  const isLost = uncovered(snapshot.cluster.authorizedIPRanges, addedRanges(applied)).length > 0
  if (!isLost || differences.some((difference) => difference.path === path)) return differences
  return [...differences, { path, planned: plan.basis.facts[path] ?? null, found: found[path] ?? null }]
}

/** Facts consist of words, names and IDs of ARM, for which letter case does not matter. */
function compare(planned: Record<string, Json>, found: Record<string, Json>, paths: string[]): StaleFact[] {
  const textOf = (fact: Json | undefined) => JSON.stringify(fact ?? null)
  return paths
    .filter((path) => !equalsArm(textOf(planned[path]), textOf(found[path])))
    .map((path) => ({ path, planned: planned[path] ?? null, found: found[path] ?? null }))
}

/** The ranges may contain entries that the job added, but no other new entries. */
function isOwnWidening({ path, planned, found }: StaleFact, applied: FieldChange[]): boolean {
  if (path !== 'cluster.authorizedIPRanges' || !Array.isArray(planned) || !Array.isArray(found)) return false
  const added = addedRanges(applied)
  const before = planned.map(String)
  const now = found.map(String)
  const kept = before.every((entry) => now.includes(entry))
  const grown = now.filter((entry) => !before.includes(entry))
  return kept && uncovered(added, grown).length === 0
}

function addedRanges(applied: FieldChange[]): string[] {
  return applied.flatMap((change) =>
    change.op === 'unionCidrs' && change.path === RANGES_PATH ? change.cidrs.map(toCidr) : [],
  )
}

/** Facts from the body of the cluster. */
function clusterFacts(cluster: ClusterFacts): Record<string, Json> {
  return {
    'cluster.outboundType': declaredEgress(cluster).key ?? String(cluster.outboundType),
    'cluster.loadBalancerProfile': valueAt(cluster, LOAD_BALANCER_PATH),
    'cluster.natGatewayProfile': valueAt(cluster, NAT_GATEWAY_PATH),
    'cluster.effectiveOutboundIPs': effectiveIds(cluster),
    'cluster.authorizedIPRanges': [...cluster.authorizedIPRanges].sort(),
    'cluster.enablePrivateCluster': cluster.enablePrivateCluster,
    'cluster.enableVnetIntegration': cluster.enableVnetIntegration,
    'cluster.powerState': cluster.powerState,
    'cluster.ipFamilies': cluster.ipFamilies,
    'cluster.agentPools': [...cluster.agentPools].sort(byName).map(poolFacts),
  }
}

/** ARM does not guarantee the order of pools, so a different order is no difference. */
function byName(a: { name: string }, b: { name: string }): number {
  return compareText(a.name, b.name)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function effectiveIds(cluster: ClusterFacts): string[] {
  const ids = [
    ...(cluster.loadBalancerProfile?.effectiveOutboundIpIds ?? []),
    ...(cluster.natGatewayProfile?.effectiveOutboundIpIds ?? []),
  ]
  return ids.map(idKey).sort()
}

function poolFacts(pool: ClusterFacts['agentPools'][number]): Json {
  return {
    name: pool.name,
    osType: pool.osType,
    type: pool.type,
    vnetSubnetId: pool.vnetSubnetId === null ? null : idKey(pool.vnetSubnetId),
    podSubnetId: pool.podSubnetId === null ? null : idKey(pool.podSubnetId),
    enableNodePublicIP: pool.enableNodePublicIP,
    disableOutboundNat: pool.disableOutboundNat,
  }
}

/** Facts of the network: the attachments of each subnet, and the addresses in use. */
function networkFacts(snapshot: Snapshot): Record<string, Json> {
  const addresses = egressAddressesOf(snapshot).map((item) => item.address ?? 'unknown')
  return {
    'network.egressIps': addresses.sort(),
    'network.paths': egressPaths(currentSide(snapshot)).map(pathFact).sort(),
    'network.subnets': [...snapshot.subnets]
      .sort((a, b) => compareText(idKey(a.id), idKey(b.id)))
      .map((subnet) => subnetFacts(subnet, snapshot)),
  }
}

/** A path as one line of text. Every route with a separate path counts, not only the default route. */
function pathFact({ subnetId, family, destination, path, via, addresses }: EgressPath): string {
  const sources = addresses.map(({ address }) => address ?? 'unknown').sort()
  return [idKey(subnetId), family, destination, path, idKey(via ?? ''), ...sources].join(' ')
}

function subnetFacts(subnet: SubnetFacts, snapshot: Snapshot): Json {
  return {
    id: idKey(subnet.id),
    natGatewayId: subnet.natGatewayId === null ? null : idKey(subnet.natGatewayId),
    routeTableId: subnet.routeTableId === null ? null : idKey(subnet.routeTableId),
    defaultRoute: defaultRouteFact(subnet, snapshot),
  }
}

/** The default route, and routes for the halves of the internet, which override it. */
function defaultRouteFact(subnet: SubnetFacts, snapshot: Snapshot): Json {
  const route = defaultRouteOf(subnet, snapshot)
  if (route === 'unread') return route
  const halves = halfRoutesIn(snapshot.routeTables[idKey(subnet.routeTableId ?? '')]?.routes ?? [])
  if (halves.length === 0) return route === null ? null : hopLabel(route)
  const all = [...(route === null ? [] : [route]), ...halves]
  return all
    .map((item) => `${item.addressPrefix} ${hopLabel(item)}`)
    .sort()
    .join(', ')
}
