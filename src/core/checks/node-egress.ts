import { subnetsAfter } from '../after-egress.ts'
import { effectivePathOf, leadsToAppliance } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { EffectivePath } from '../plan-egress.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Nodes and pods whose way out is not that of their cluster (rulebook 9: NODE_PUBLIC_IP_*, NODEIP_*, POD_SUBNET). */
export const nodeEgress: Check = (context) => {
  if (context.from === context.to) return []
  return [...publicNodes(context), ...addressPools(context), ...podSubnets(context)]
}

function publicNodes({ snapshot: { cluster }, from, effective }: PlanningContext): Finding[] {
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  if (pools.length === 0) return []
  return [
    ...(from === 'loadBalancer' ? [finding('NODE_PUBLIC_IP_LB_SOURCE', { pools })] : []),
    ...(effective.after === 'natGateway' ? [finding('NODE_PUBLIC_IP_NAT_TARGET', { pools })] : []),
  ]
}

/** A backend pool by address may give its nodes default outbound access, unless a route or a private subnet forbids it (LBR). */
function addressPools({ snapshot, to, target }: PlanningContext): Finding[] {
  const isByAddress = snapshot.cluster.loadBalancerProfile?.backendPoolType?.toLowerCase() === 'nodeip'
  if (!isByAddress || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const subnets = subnetsAfter(snapshot, target)
    .filter((each) => each.natGatewayId === null && each.defaultOutboundAccess !== false)
    .filter((each) => !leadsToAppliance(each, snapshot))
    .map((each) => nameOf(each.id))
  return subnets.length === 0 ? [] : [finding('NODEIP_POOL_DEFAULT_OUTBOUND', { subnets })]
}

/** Pods with addresses of a subnet of their own leave by that subnet's path and not by their node's (AKS release notes 2023-08-06). */
function podSubnets({ snapshot, target }: PlanningContext): Finding[] {
  const pools = snapshot.cluster.agentPools.filter((pool) => pool.podSubnetId !== null)
  if (pools.length === 0) return []
  const paths = new Map<string, EffectivePath>(
    subnetsAfter(snapshot, target).map((subnet) => [
      idKey(subnet.id),
      effectivePathOf(subnet, snapshot, target.outboundType),
    ]),
  )
  const differing = pools.flatMap(({ name, vnetSubnetId, podSubnetId }) => {
    const nodes = paths.get(idKey(vnetSubnetId ?? ''))
    const pods = paths.get(idKey(podSubnetId ?? ''))
    return nodes === undefined || pods === undefined || nodes === pods
      ? []
      : [{ pool: name, podSubnet: nameOf(podSubnetId ?? ''), nodes, pods }]
  })
  return differing.length === 0 ? [] : [finding('POD_SUBNET', { pools: differing })]
}
