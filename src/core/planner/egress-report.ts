import type { AzureMode } from '../../contract/cluster.ts'
import type { EgressReport } from '../../contract/egress-report.ts'
import { type OutboundType, TYPE_KEYS, type TypeKey } from '../../contract/outbound-type.ts'
import type { PlanningPolicy } from '../context/planning-context.ts'
import { addressesOfSubnet, type EgressAddress, egressAddressesOf } from '../egress/addresses.ts'
import { isImplicitlyAllowed, maxRanges, rangesMode } from '../egress/authorized-ranges.ts'
import { effectiveDefaultRouteOf, effectivePathOf, effectivePathOfSubnets } from '../egress/paths.ts'
import { hopLabel } from '../egress/routes.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { defaultRequest } from '../request/plan-request.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress, declaredTypeLabel } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { readVnet } from '../snapshot/vnet-kind.ts'
import { buildPlan } from './planner.ts'

/** The stamp of plans that are made only for their verdict and thrown away. */
const UNSTAMPED = { id: '', createdAt: '', expiresAt: '', createdBy: '' }

/** The cluster's egress as it is, and for each possible target what a plan with default parameters would say. */
export function buildEgressReport(
  snapshot: Snapshot,
  policy: PlanningPolicy,
  azure: AzureMode,
): EgressReport {
  const { cluster } = snapshot
  const { outboundType: type, sku } = declaredEgress(cluster)
  const addresses = egressAddressesOf(snapshot, type)
  return {
    cluster: {
      id: cluster.id,
      subscriptionId: cluster.subscriptionId,
      resourceGroup: cluster.resourceGroup,
      name: cluster.name,
      location: cluster.location,
      vnet: readVnet(cluster).kind,
      provisioningState: cluster.provisioningState,
      powerState: cluster.powerState,
    },
    asOf: snapshot.takenAt,
    azure,
    declared: {
      outboundType: declaredTypeLabel(cluster),
      natGatewaySku: sku,
    },
    effective: effectivePathOfSubnets(snapshot.subnets, snapshot, type),
    subnets: snapshot.subnets.map((subnet) => reportSubnet(subnet, snapshot, type)),
    egressIps: addresses,
    authorizedRanges: reportRanges(snapshot, addresses),
    targets: TYPE_KEYS.map((target) => verdict(target, snapshot, policy, azure)),
    unread: snapshot.unread,
  }
}

function reportSubnet(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  type: OutboundType | null,
): EgressReport['subnets'][number] {
  const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
  return {
    id: subnet.id,
    pools: subnet.pools.length === 0 ? snapshot.cluster.agentPools.map((pool) => pool.name) : subnet.pools,
    effective: effectivePathOf(subnet, snapshot, type),
    egressIps: addressesOfSubnet(subnet, snapshot, type).flatMap((item) => item.address ?? []),
    natGatewayId: subnet.natGatewayId,
    routeTableId: subnet.routeTableId,
    nextHop: route === null || typeof route === 'string' ? null : hopLabel(route),
  }
}

/** `coversEgress` is null where the ranges do not decide, or an address is not known. */
function reportRanges({ cluster }: Snapshot, addresses: EgressAddress[]): EgressReport['authorizedRanges'] {
  const mode = rangesMode(cluster)
  const listed = addresses.filter((address) => !isAllowedByType(cluster, address.resourceId))
  const known = listed.flatMap((item) => (item.address === null ? [] : [toCidr(item.address)]))
  const isDecidable = mode === 'enforced' && known.length === listed.length
  return {
    mode,
    current: cluster.authorizedIPRanges,
    count: cluster.authorizedIPRanges.length,
    limit: maxRanges(cluster),
    coversEgress: isDecidable ? uncovered(cluster.authorizedIPRanges, known).length === 0 : null,
  }
}

/** AKS admits the addresses of its load balancer itself. */
function isAllowedByType(cluster: Snapshot['cluster'], resourceId: string | null): boolean {
  return declaredEgress(cluster).key === 'loadBalancer' && isImplicitlyAllowed(cluster, resourceId)
}

function verdict(
  target: TypeKey,
  snapshot: Snapshot,
  policy: PlanningPolicy,
  azure: AzureMode,
): EgressReport['targets'][number] {
  const request = defaultRequest(snapshot.cluster, { outboundType: target })
  const plan = buildPlan(snapshot, request, policy, { ...UNSTAMPED, azure })
  const { support, reversible, reason } = plan.transition
  return {
    target,
    support,
    verdict: plan.status,
    blockers: plan.findings.filter(({ severity }) => severity === 'blocker').map(({ code }) => code),
    acknowledgements: plan.acknowledgementsRequired,
    reversible,
    reason,
  }
}
