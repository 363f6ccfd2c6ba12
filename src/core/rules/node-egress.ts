import type { EffectivePath, PathChange, PathSide } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { movesTraffic, type PathPair, pathPairs } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { isSamePath, type JoinedPath, joinPaths } from '../egress/joined-paths.ts'
import { declaredPathOf, leavingLabel, usingLabel } from '../egress/path-labels.ts'
import type { EgressPath } from '../egress/paths.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { HALVES } from '../egress/routes.ts'
import { natGatewayIdOf, poolsIn } from '../egress/subnet-attachments.ts'
import { agree, groupedClauses, listed, listedCode, named, these } from '../lib/text.ts'
import { pathChanges } from '../plan/path-changes.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

type SubnetPath = { subnet: string; effective: EffectivePath }

export const EFFECTIVE_DIFFERS_FROM_DECLARED = rule<{
  declared: string
  effective: EffectivePath
  subnets: SubnetPath[]
  meaning: string | null
}>('EFFECTIVE_DIFFERS_FROM_DECLARED', {
  severity: 'warning',
  message: (f) =>
    `The cluster declares the outbound type \`${f.declared}\`, but ${listed(pathClauses(f.subnets))}.`,
  // Without a change of the egress, the difference has no meaning for the plan.
  remedy: (f) =>
    f.meaning === null
      ? 'Read the current egress addresses in the report section "Public IP changes" (`egressIps` in the JSON). Do not infer the addresses from the outbound type.'
      : `Check in the report section "Public IP changes" (\`egressIps\` in the JSON) whether addresses change. ${f.meaning}`,
  source: documented('nat-overview', 'AKS release notes 2022-05-01'),
})

function pathClauses(subnets: SubnetPath[]): string[] {
  return groupedClauses(
    subnets,
    'subnet',
    'effective',
    (names, effective) => `packets from ${named('subnet', names)} ${leavingLabel(effective)}`,
  )
}

/** Subnets whose effective path differs from the declared outbound type. */
export const checkEffectiveEgress: Check = (context) => {
  const { snapshot, declared, effective } = context
  // The declared type is that of an interrupted change, which RECONCILE_COMPLETES_CHANGE describes.
  if (declared === null || context.completes !== null) return []
  // During an interrupted change, the paths may be those of the former type, but ARM declares the new type.
  const shown = declaredEgress(snapshot.cluster).outboundType ?? declared
  const expected = declaredPathOf(shown)
  const subnets = snapshot.subnets
    .map((subnet) => ({ id: subnet.id, effective: effectivePathOf(subnet, snapshot, declared) }))
    .filter((path) => path.effective !== 'unknown' && !expected.includes(path.effective))
  return EFFECTIVE_DIFFERS_FROM_DECLARED.ifAny({
    declared: shown,
    effective: effective.before,
    subnets: subnets.map((path) => ({ subnet: lastSegment(path.id), effective: path.effective })),
    meaning: meaningOf(
      context,
      subnets.map(({ id }) => id),
    ),
  })
}

/** The effect of the difference on this change. */
function meaningOf(context: PlanningContext, subnetIds: string[]): string | null {
  const { from, to } = context
  if (!context.isChange) return null
  if (!movesTraffic(context))
    return `As long as the NAT gateways and routes of the subnets do not change, packets keep their path and source addresses.${from === to ? '' : ' Only the declared outbound type changes.'}`
  const subnetKeys = new Set(subnetIds.map(idKey))
  const names = subnetIds.map((id) => lastSegment(id))
  const packets = `packets from ${named('subnet', names)} to the internet`
  // The halves of the internet can have different paths.
  const isDiffering = ({ before }: PathPair) =>
    [INTERNET, ...HALVES.IPv4].includes(before.destination) &&
    before.family === 'IPv4' &&
    subnetKeys.has(idKey(before.subnetId))
  const pairs = pathPairs(context)
  const moved = pairs.filter(({ before, after }) => !isSamePath(before, after))
  const movedHere = moved.filter(isDiffering)
  if (movedHere.length === 0)
    return `IPv4 packets from ${named('subnet', names)} to the internet keep their path and source addresses, unless a more specific route matches. Other packets move: the report section "Egress paths before and after" (\`paths\` in the JSON) lists their paths.`
  if (movedHere.every(({ before, after }) => before.path === after.path && before.via === after.via))
    return `The ${packets} keep their path, but some of their source addresses change.`
  return moved.length > movedHere.length
    ? `This change moves the ${packets} to another egress path. It also moves other packets: this section lists all addresses that the cluster loses.`
    : `This change moves the ${packets} to another egress path. The cluster loses the addresses that this section lists, not the addresses of the declared outbound type.`
}

/** Nodes and pods whose egress path differs from that of the cluster. */
export const checkNodeEgress: Check = (context) => {
  if (context.from === context.to || !context.isChange) return []
  return [...publicNodes(context), ...addressPools(context), ...podSubnets(context)]
}

/** The pools whose nodes use their public IPs for packets to the internet, and pools that use them only for other destinations. */
type NodeIpUses = { pools: string[]; exceptions: { pool: string; destinations: string[] }[] }

export const NODE_PUBLIC_IP_LB_SOURCE = rule<NodeIpUses>('NODE_PUBLIC_IP_LB_SOURCE', {
  severity: 'info',
  message: (f) =>
    `${usesLabel(f).replace(/^e/, 'E')} already ${agree([...f.pools.slice(0, 1), ...f.exceptions], 'uses', 'use')} the public IPs of the nodes, not the load balancer.`,
  remedy:
    'Continue: no action is required, because the list of public IP changes (`egressIps`) takes these public IPs into account.',
  source: observed('Karpenter Azure provider, node public IPs'),
})

export const NODE_PUBLIC_IP_NAT_TARGET = rule<NodeIpUses>('NODE_PUBLIC_IP_NAT_TARGET', {
  severity: 'warning',
  message: (f) =>
    `After the change, ${usesLabel(f)} ${agree([...f.pools.slice(0, 1), ...f.exceptions], 'uses', 'use')} the NAT gateway instead of the public IPs of the nodes; inbound traffic to these IPs keeps working.`,
  remedy:
    'Replace the public IPs of the nodes in external allow lists with the addresses of the NAT gateway: add the new addresses first, and remove the public IPs of the nodes after the change.',
  source: documented('nat-gateway-design'),
})

function usesLabel({ pools, exceptions }: NodeIpUses): string {
  const general = pools.length === 0 ? [] : [`egress from nodes of ${named('node pool', pools)}`]
  const special = exceptions.map(
    ({ pool, destinations }) =>
      `egress to ${listedCode(destinations)} from nodes of the node pool \`${pool}\``,
  )
  return listed([...general, ...special])
}

function publicNodes({ snapshot, from, paths }: PlanningContext): Finding[] {
  const fromNodeIps = joinPaths(paths.before, paths.after).filter(({ before }) => usesNodeIps(before))
  const overridden = fromNodeIps.filter(({ after }) => after.path === 'natGateway')
  return [
    ...NODE_PUBLIC_IP_LB_SOURCE.ifAny(nodeIpUses(from === 'loadBalancer' ? fromNodeIps : [], snapshot)),
    ...NODE_PUBLIC_IP_NAT_TARGET.ifAny(nodeIpUses(overridden, snapshot)),
  ]
}

/** Whether nodes with public IPs use these IPs on this path; the routes to the API server are those of other destinations. */
function usesNodeIps({ family, path, destination, addresses }: EgressPath): boolean {
  if (family !== 'IPv4' || destination === API_SERVER) return false
  // Only the public IPs of nodes leave a subnet without default outbound access.
  if (path === 'none') return addresses.length > 0
  return path === 'instancePublicIp' || path === 'loadBalancer' || path === 'defaultOutbound'
}

function nodeIpUses(pairs: JoinedPath[], snapshot: Snapshot): NodeIpUses {
  const uses = snapshot.cluster.agentPools
    .filter((pool) => pool.enableNodePublicIP)
    .map((pool) => {
      const own = pairs.filter(({ before }) => hasNodesIn(before.subnetId, pool, snapshot))
      return { pool: pool.name, destinations: [...new Set(own.map(({ before }) => before.destination))] }
    })
  const isGeneral = ({ destinations }: (typeof uses)[number]) => destinations.includes(INTERNET)
  return {
    pools: uses.filter(isGeneral).map(({ pool }) => pool),
    exceptions: uses.filter((use) => use.destinations.length > 0 && !isGeneral(use)),
  }
}

/** A pool without a subnet is in the AKS-managed virtual network, whose subnet may not be visible. */
function hasNodesIn(subnetId: string, pool: AgentPoolFacts, snapshot: Snapshot): boolean {
  if (pool.vnetSubnetId !== null) return idKey(pool.vnetSubnetId) === idKey(subnetId)
  const subnet = snapshot.subnets.find(({ id }) => idKey(id) === idKey(subnetId))
  return subnetId === '' || (subnet !== undefined && poolsIn(subnet, snapshot).includes(pool))
}

export const NODEIP_POOL_DEFAULT_OUTBOUND = rule<{ subnets: string[] }>('NODEIP_POOL_DEFAULT_OUTBOUND', {
  severity: 'warning',
  message: (f) =>
    `After the change, nodes in ${named('subnet', f.subnets)} may still reach the internet through default outbound access, because the backend pool of the load balancer is IP-based (\`NodeIP\`).`,
  remedy: (f) =>
    `Set \`defaultOutboundAccess\` to \`false\` on ${these('subnet', f.subnets)}, which affects every virtual machine in the ${agree(f.subnets, 'subnet', 'subnets')}. Alternatively, test after the change that no packets from ${these('subnet', f.subnets)} use default outbound access.`,
  source: inferred('outbound-rules'),
})

/** An IP-based backend pool may give its nodes default outbound access, unless a route or a private subnet prevents it (outbound-rules). */
function addressPools({ snapshot, prepared, to, target, paths }: PlanningContext): Finding[] {
  const isByAddress = equalsArm(snapshot.cluster.loadBalancerProfile?.backendPoolType, 'NodeIP')
  if (!isByAddress || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const untranslated = paths.after.filter(
    ({ family, path }) =>
      family === 'IPv4' && (path === 'defaultOutbound' || path === 'instancePublicIp' || path === 'unknown'),
  )
  const keys = new Set(untranslated.map(({ subnetId }) => idKey(subnetId)))
  const exposed = projectedSubnets(prepared, target).filter(
    (subnet) =>
      keys.has(idKey(subnet.id)) &&
      subnet.defaultOutboundAccess !== false &&
      natGatewayIdOf(subnet, prepared) === null,
  )
  return NODEIP_POOL_DEFAULT_OUTBOUND.ifAny({ subnets: namesOf(exposed) })
}

type PodPath = {
  pool: string
  podSubnet: string
  /** Such as `traffic`, or `traffic to a prefix`. */
  traffic: string
  nodes: EffectivePath
  pods: EffectivePath
  nodeAddresses: string[]
  podAddresses: string[]
}

export const POD_SUBNET = rule<{ pools: PodPath[] }>('POD_SUBNET', {
  severity: 'warning',
  message: (f) =>
    `After the change, pods and their nodes use different egress paths: ${f.pools.map(podLabel).join('; ')}.`,
  remedy:
    'Add the egress addresses of the nodes to all allow lists that contain the egress addresses of these pods. Then attach the NAT gateway or route table of the node subnets to the pod subnets too. The traffic of the pods moves immediately.',
  source: inferred('AKS release notes 2023-08-06'),
})

/** The addresses tell apart two paths of the same kind. */
function podLabel({ pool, podSubnet, traffic, nodes, pods, nodeAddresses, podAddresses }: PodPath): string {
  const label = (path: EffectivePath, addresses: string[]) =>
    `${usingLabel(path)}${nodes === pods && addresses.length > 0 ? ` (${listed(addresses)})` : ''}`
  return `${traffic} from pods of the pool \`${pool}\` (subnet \`${podSubnet}\`) ${label(pods, podAddresses)}, and ${traffic} from nodes ${label(nodes, nodeAddresses)}`
}

/** Pods in a pod subnet use the egress path of that subnet, not of their node (AKS release notes 2023-08-06). */
function podSubnets(context: PlanningContext): Finding[] {
  const rows = pathChanges(context)
  const differing = context.snapshot.cluster.agentPools.flatMap(({ name, vnetSubnetId, podSubnetId }) => {
    if (podSubnetId === null || vnetSubnetId === null) return []
    const [nodes, pods] = [vnetSubnetId, podSubnetId].map((id) =>
      rows.filter((row) => isOfPool(row, name, id)),
    )
    const found = [...(nodes ?? []), ...(pods ?? [])]
      .map((row) => ({ row, nodes: likeRow(row, nodes), pods: likeRow(row, pods) }))
      .find((pair) => isOtherEgress(pair.nodes, pair.pods))
    return found === undefined ? [] : [toPodPath(name, lastSegment(podSubnetId), found)]
  })
  return POD_SUBNET.ifAny({ pools: differing })
}

function isOfPool({ subnetId, pools }: PathChange, pool: string, id: string): boolean {
  return idKey(subnetId) === idKey(id) && pools.includes(pool)
}

/** The path to the destination of a row after the change. Without a row of its own, the path to the internet. */
function likeRow({ family, destination }: PathChange, rows: PathChange[] = []): PathSide | undefined {
  const own = rows.filter((row) => row.family === family)
  const row = own.find((other) => other.destination === destination)
  return (row ?? own.find((other) => other.destination === INTERNET))?.after
}

/** Whether destinations certainly see other source addresses. */
function isOtherEgress(nodes: PathSide | undefined, pods: PathSide | undefined): boolean {
  if (nodes === undefined || pods === undefined) return false
  if (nodes.path === 'unknown' || pods.path === 'unknown') return false
  if (nodes.path !== pods.path || nodes.addresses.join() !== pods.addresses.join()) return true
  // The addresses of two appliances differ, even if ARM does not show them.
  return nodes.path === 'virtualAppliance' && !nodes.isComplete && nodes.via !== pods.via
}

function toPodPath(
  pool: string,
  podSubnet: string,
  { row, nodes, pods }: { row: PathChange; nodes?: PathSide | undefined; pods?: PathSide | undefined },
): PodPath {
  const kind = row.family === 'IPv4' ? 'traffic' : 'IPv6 traffic'
  const destination = row.destination === API_SERVER ? 'the API server' : `\`${row.destination}\``
  return {
    pool,
    podSubnet,
    traffic: row.destination === INTERNET ? kind : `${kind} to ${destination}`,
    nodes: nodes?.path ?? 'unknown',
    pods: pods?.path ?? 'unknown',
    nodeAddresses: nodes?.addresses ?? [],
    podAddresses: pods?.addresses ?? [],
  }
}
