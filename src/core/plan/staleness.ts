import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Plan } from '../../contract/plan.ts'
import type { FieldChange, StepAction } from '../../contract/steps.ts'
import { idKey, isRoute, lastSegment, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { currentSide, type EgressPath, egressAddressesOf, egressPaths } from '../egress/paths.ts'
import { halfRoutesIn, hopLabel, routeBody, routeFacts } from '../egress/routes.ts'
import { defaultRouteOf } from '../egress/subnet-attachments.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { LOAD_BALANCER_PATH, NAT_GATEWAY_PATH, RANGES_PATH, valueAt } from '../target/cluster-patch.ts'

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
export function buildBasis(snapshot: Snapshot): Plan['basis'] {
  return {
    etag: snapshot.cluster.etag,
    facts: { ...clusterFacts(snapshot.cluster), ...networkFacts(snapshot) },
  }
}

/** The differences between a new snapshot and the basis of the plan, the ETag first. Empty if the plan is not stale. */
export function findStaleFacts(plan: Pick<Plan, 'basis'>, snapshot: Snapshot): StaleFact[] {
  const { etag } = snapshot.cluster
  const moved = etag !== null && plan.basis.etag !== null && etag !== plan.basis.etag
  const found = { ...clusterFacts(snapshot.cluster), ...networkFacts(snapshot) }
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
  plan: Pick<Plan, 'basis'>,
  snapshot: Snapshot,
  applied: FieldChange[],
  done: readonly StepAction[] = [],
): StaleFact[] {
  const former = withFormerAttachments(snapshot, done)
  const found = { ...clusterFacts(snapshot.cluster), ...networkFacts(former) }
  const differences = compare(plan.basis.facts, found, Object.keys(plan.basis.facts)).filter(
    (item) => !isOwnWidening(item, applied),
  )
  const path = 'cluster.authorizedIPRanges'
  const isLost = uncovered(snapshot.cluster.authorizedIPRanges, addedRanges(applied)).length > 0
  if (!isLost || differences.some((difference) => difference.path === path)) return differences
  return [...differences, { path, planned: plan.basis.facts[path] ?? null, found: found[path] ?? null }]
}

/** The snapshot with the subnets and routes as they were before these steps. The preparations of a plan can precede its cutover. */
function withFormerAttachments(snapshot: Snapshot, done: readonly StepAction[]): Snapshot {
  const written = done.flatMap((does) => (does.kind === 'putResource' && isRoute(does.id) ? [does] : []))
  const formerOf = new Map(
    done.flatMap((does) =>
      does.kind === 'putResource' && does.body === null ? [[idKey(does.id), does.former]] : [],
    ),
  )
  const subnets = snapshot.subnets.map((subnet) => {
    const former = formerOf.get(idKey(subnet.id)) ?? []
    return {
      ...subnet,
      natGatewayId: formerId(former, '/properties/natGateway', subnet.natGatewayId),
      routeTableId: formerId(former, '/properties/routeTable', subnet.routeTableId),
    }
  })
  return { ...snapshot, subnets, routeTables: written.reduce(withFormerRoute, snapshot.routeTables) }
}

function withFormerRoute(
  tables: Snapshot['routeTables'],
  { id, body, former }: Extract<StepAction, { kind: 'putResource' }>,
): Snapshot['routeTables'] {
  const key = idKey(routeTableOf(id))
  const table = tables[key]
  if (table === undefined) return tables
  const routes = table.routes.flatMap((route) => {
    if (!equalsArm(route.name, lastSegment(id))) return [route]
    if (body !== null) return []
    const properties = new Map(Object.entries(routeBody(route).properties as JsonObject))
    for (const change of former) {
      const field = lastSegment(change.path)
      if (change.op === 'set') properties.set(field, change.value)
      else properties.delete(field)
    }
    return [routeFacts(route.name, { properties: Object.fromEntries(properties) })]
  })
  return { ...tables, [key]: { ...table, routes } }
}

function formerId(former: readonly FieldChange[], path: string, present: string | null): string | null {
  const change = former.find((item) => item.path === path)
  if (change?.op === 'remove') return null
  if (change?.op !== 'set') return present
  const { value } = change
  return isObject(value) && typeof value.id === 'string' ? value.id : present
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
