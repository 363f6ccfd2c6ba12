import type { EffectivePath } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import {
  declaredPathOf,
  effectivePathOf,
  leavingLabel,
  pathLabel,
  routesToAppliance,
} from '../egress/paths.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
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
    `The cluster declares ${f.declared}, but ${listed(f.subnets.map(({ subnet, effective }) => `packets of the subnet ${subnet} ${leavingLabel(effective)}`))}.${f.meaning === null ? '' : ` ${f.meaning}`}`,
  remedy:
    'Read the ledger of addresses, not the type: the change may move fewer or other addresses than the type suggests.',
  source: documented('nat-overview', 'AKS release notes 2022-05-01'),
})

/** Subnets whose effective path differs from the declared outbound type. */
export const checkEffectiveEgress: Check = (context) => {
  const { snapshot, declared, effective } = context
  if (declared === null) return []
  const expected = declaredPathOf(declared)
  const subnets = snapshot.subnets
    .map((subnet) => ({
      subnet: lastSegment(subnet.id),
      effective: effectivePathOf(subnet, snapshot, declared),
    }))
    .filter((path) => path.effective !== 'unknown' && !expected.includes(path.effective))
  return EFFECTIVE_DIFFERS_FROM_DECLARED.ifAny({
    declared,
    effective: effective.before,
    subnets,
    meaning: meaningOf(context, subnets),
  })
}

/** What the difference means for this change. */
function meaningOf(context: PlanningContext, differing: SubnetPath[]): string | null {
  if (!context.isChange) return null
  const { ledger, effective, to } = context
  const isKept = differing.every((path) => path.effective === pathAfter(path.subnet, context))
  const moved = ledger.filter((row) => row.change !== 'kept').length
  if (moved === 0)
    return `As the network is now, this change moves no address: packets go on leaving as they do, and only the declaration becomes ${to}.`
  if (isKept && (effective.before === 'mixed' || effective.after === 'mixed'))
    return 'This change leaves these packets on their path; what changes are addresses of others: read the ledger.'
  if (!isKept && effective.before === 'mixed')
    return 'This change ends the difference: which addresses go, of these packets and of others, stands in the ledger.'
  return isKept
    ? 'This change leaves the path as it is, and yet some addresses change: read the ledger.'
    : 'This change ends the difference: the addresses in the ledger, and not those of the declared type, are the ones that go.'
}

/** The path of the subnet of this name once the target is reached. */
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
    `Nodes of ${listed(f.pools)} have public IPs and leave by them already, not by the load balancer.`,
  remedy: 'Nothing to do; the ledger of addresses takes it into account.',
  source: observed('Karpenter Azure provider, node public IPs'),
})

export const NODE_PUBLIC_IP_NAT_TARGET = rule<{ pools: string[] }>('NODE_PUBLIC_IP_NAT_TARGET', {
  severity: 'warning',
  message: (f) =>
    `Nodes of ${listed(f.pools)} have public IPs, which the NAT gateway outranks: they will leave by the addresses of the gateway. What comes in on their own addresses goes on working.`,
  remedy: 'Replace the addresses of the nodes by those of the gateway in allow-lists elsewhere.',
  source: documented('nat-gateway-design'),
})

function publicNodes({ snapshot: { cluster }, from, effective }: PlanningContext): Finding[] {
  const pools = poolNames(cluster, (pool) => pool.enableNodePublicIP)
  if (pools.length === 0) return []
  return [
    ...NODE_PUBLIC_IP_LB_SOURCE.when(from === 'loadBalancer', { pools }),
    ...NODE_PUBLIC_IP_NAT_TARGET.when(effective.after === 'natGateway', { pools }),
  ]
}

export const NODEIP_POOL_DEFAULT_OUTBOUND = rule<{ subnets: string[] }>('NODEIP_POOL_DEFAULT_OUTBOUND', {
  severity: 'warning',
  message: (f) =>
    `The load balancer keeps its nodes by address (NodeIP), and such a pool may give them default outbound access on ${listed(f.subnets)}.`,
  remedy: 'Make the subnets private (defaultOutboundAccess false), or test that nothing leaves.',
  source: inferred('outbound-rules'),
})

/** A backend pool by address may give its nodes default outbound access, unless a route or a private subnet forbids it (outbound-rules). */
function addressPools({ snapshot, to, target }: PlanningContext): Finding[] {
  const isByAddress = equalsArm(snapshot.cluster.loadBalancerProfile?.backendPoolType, 'NodeIP')
  if (!isByAddress || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const exposed = projectedSubnets(snapshot, target).filter(
    (subnet) =>
      subnet.natGatewayId === null &&
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
    `Pods have addresses of a subnet of their own and leave another way than their nodes after the change: ${listed(f.pools.map((pool) => `those of ${pool.pool} from ${pool.podSubnet} by ${pathLabel(pool.pods)}, its nodes by ${pathLabel(pool.nodes)}`))}.`,
  remedy: 'Attach to the pod subnets what is attached to the node subnets.',
  source: inferred('AKS release notes 2023-08-06'),
})

/** Pods in a pod subnet leave by the path of that subnet, not of their node (AKS release notes 2023-08-06). */
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
