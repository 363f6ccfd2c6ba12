import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { declaredPathOf, leavingLabel, usingLabel } from '../egress/path-labels.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { natGatewayIdOf, poolsIn, routesToAppliance } from '../egress/subnet-attachments.ts'
import { listed, listedAs } from '../lib/text.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
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
    `The cluster declares the outbound type \`${f.declared}\`, but ${listed(f.subnets.map(({ subnet, effective }) => `packets from the subnet \`${subnet}\` ${leavingLabel(effective)}`))}.`,
  remedy: (f) =>
    `Read in \`egressIps\` which addresses change. The change may affect fewer or different addresses than the outbound type suggests.${f.meaning === null ? '' : ` ${f.meaning}`}`,
  source: documented('nat-overview', 'AKS release notes 2022-05-01'),
})

/** Subnets whose effective path differs from the declared outbound type. */
export const checkEffectiveEgress: Check = (context) => {
  const { snapshot, declared, effective } = context
  // The declared type is that of an interrupted change, which RECONCILE_COMPLETES_CHANGE describes.
  if (declared === null || context.completes !== null) return []
  const expected = declaredPathOf(declared)
  const subnets = snapshot.subnets
    .map((subnet) => ({
      subnet: lastSegment(subnet.id),
      effective: effectivePathOf(subnet, snapshot, declared),
    }))
    .filter((path) => path.effective !== 'unknown' && !expected.includes(path.effective))
  return EFFECTIVE_DIFFERS_FROM_DECLARED.ifAny({
    declared: declaredEgress(snapshot.cluster).outboundType ?? declared,
    effective: effective.before,
    subnets,
    meaning: meaningOf(context, subnets),
  })
}

/** The effect of the difference on this change. */
function meaningOf(context: PlanningContext, differing: SubnetPath[]): string | null {
  if (!context.isChange) return null
  const { ledger, effective, to } = context
  const isKept = differing.every((path) => path.effective === pathAfter(path.subnet, context))
  const moved = ledger.filter((row) => row.change !== 'kept').length
  if (moved === 0)
    return `If the network stays as it is now, packets keep their path and source addresses, and only the declared outbound type changes to \`${to}\`.`
  if (isKept && (effective.before === 'mixed' || effective.after === 'mixed'))
    return 'These packets keep their path, and do not use the addresses that change.'
  if (!isKept && effective.before === 'mixed')
    return 'This change moves these packets to another egress path. `egressIps` lists the addresses that the cluster loses, for these and for other packets.'
  return isKept
    ? 'These packets keep their path, but some of their source addresses change.'
    : 'This change moves these packets to another egress path. The cluster loses the addresses that `egressIps` lists, not the addresses of the declared outbound type.'
}

/** The path of the subnet with this name after the change. */
function pathAfter(name: string, { prepared, target }: PlanningContext): EffectivePath | null {
  const subnet = projectedSubnets(prepared, target).find(({ id }) => lastSegment(id) === name)
  return subnet === undefined ? null : effectivePathOf(subnet, prepared, target.outboundType)
}

/** Nodes and pods whose egress path differs from that of the cluster. */
export const checkNodeEgress: Check = (context) => {
  if (context.from === context.to) return []
  return [...publicNodes(context), ...addressPools(context), ...podSubnets(context)]
}

export const NODE_PUBLIC_IP_LB_SOURCE = rule<{ pools: string[] }>('NODE_PUBLIC_IP_LB_SOURCE', {
  severity: 'info',
  message: (f) =>
    `Nodes of ${listedAs('the node pool', f.pools)} already use their own public IPs for egress, not the load balancer.`,
  remedy: 'Continue: no action is required, because `egressIps` takes these public IPs into account.',
  source: observed('Karpenter Azure provider, node public IPs'),
})

export const NODE_PUBLIC_IP_NAT_TARGET = rule<{ pools: string[] }>('NODE_PUBLIC_IP_NAT_TARGET', {
  severity: 'warning',
  message: (f) =>
    `Egress from nodes of ${listedAs('the node pool', f.pools)} uses the NAT gateway instead of the public IPs of the nodes; inbound traffic to these IPs keeps working.`,
  remedy:
    'Update external allow lists: replace the public IPs of the nodes with the addresses of the NAT gateway.',
  source: documented('nat-gateway-design'),
})

function publicNodes({ snapshot, from, paths }: PlanningContext): Finding[] {
  const { cluster } = snapshot
  const pools = poolNames(cluster, (pool) => pool.enableNodePublicIP)
  if (pools.length === 0) return []
  const behindGateway = paths.after.filter(({ family, path }) => family === 'IPv4' && path === 'natGateway')
  const subnets = new Set(behindGateway.map(({ subnetId }) => idKey(subnetId)))
  const own = snapshot.subnets.filter(({ id }) => subnets.has(idKey(id)))
  const names = new Set(own.flatMap((subnet) => poolsIn(subnet, snapshot).map(({ name }) => name)))
  // Without a visible subnet, the gateway serves all pools.
  const overridden = subnets.has('') ? pools : pools.filter((name) => names.has(name))
  return [
    ...NODE_PUBLIC_IP_LB_SOURCE.when(from === 'loadBalancer', { pools }),
    ...NODE_PUBLIC_IP_NAT_TARGET.ifAny({ pools: overridden }),
  ]
}

export const NODEIP_POOL_DEFAULT_OUTBOUND = rule<{ subnets: string[] }>('NODEIP_POOL_DEFAULT_OUTBOUND', {
  severity: 'warning',
  message: (f) =>
    `Nodes in ${listedAs('the subnet', f.subnets)} may have default outbound access because of the load balancer's IP-based backend pool (\`NodeIP\`).`,
  remedy:
    'Set `defaultOutboundAccess` to false on these subnets, or test that no packets from these subnets reach the internet.',
  source: inferred('outbound-rules'),
})

/** An IP-based backend pool may give its nodes default outbound access, unless a route or a private subnet prevents it (outbound-rules). */
function addressPools({ snapshot, to, target }: PlanningContext): Finding[] {
  const isByAddress = equalsArm(snapshot.cluster.loadBalancerProfile?.backendPoolType, 'NodeIP')
  if (!isByAddress || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const exposed = projectedSubnets(snapshot, target).filter(
    (subnet) =>
      natGatewayIdOf(subnet, snapshot) === null &&
      subnet.defaultOutboundAccess !== false &&
      !routesToAppliance(subnet, snapshot),
  )
  return NODEIP_POOL_DEFAULT_OUTBOUND.ifAny({ subnets: namesOf(exposed) })
}

export const POD_SUBNET = rule<{
  pools: { pool: string; podSubnet: string; nodes: EffectivePath; pods: EffectivePath }[]
}>('POD_SUBNET', {
  severity: 'warning',
  message: (f) =>
    `After the change, pods and their nodes use different egress paths: ${listed(f.pools.map((pool) => `traffic from pods of the pool \`${pool.pool}\` (subnet \`${pool.podSubnet}\`) ${usingLabel(pool.pods)}, and traffic from nodes ${usingLabel(pool.nodes)}`))}.`,
  remedy: 'Attach the same NAT gateway or route table to the pod subnets as to the node subnets.',
  source: inferred('AKS release notes 2023-08-06'),
})

/** Pods in a pod subnet use the egress path of that subnet, not of their node (AKS release notes 2023-08-06). */
function podSubnets({ snapshot, target }: PlanningContext): Finding[] {
  const pools = snapshot.cluster.agentPools.filter((pool) => pool.podSubnetId !== null)
  if (pools.length === 0) return []
  const paths = new Map<string, EffectivePath>(
    projectedSubnets(snapshot, target).map((subnet) => [
      idKey(subnet.id),
      effectivePathOf(subnet, snapshot, target.outboundType),
    ]),
  )
  const differing = pools.flatMap(({ name, vnetSubnetId, podSubnetId }) => {
    const nodes = paths.get(idKey(vnetSubnetId ?? ''))
    const pods = paths.get(idKey(podSubnetId ?? ''))
    return nodes === undefined || pods === undefined || nodes === pods
      ? []
      : [{ pool: name, podSubnet: lastSegment(podSubnetId ?? ''), nodes, pods }]
  })
  return POD_SUBNET.ifAny({ pools: differing })
}
