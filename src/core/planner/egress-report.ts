import type { AzureMode } from '../../contract/cluster.ts'
import type { EgressReport } from '../../contract/egress-report.ts'
import { type OutboundType, TYPE_KEYS, type TypeKey } from '../../contract/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import type { PlanningPolicy } from '../context/planning-context.ts'
import { distinctAddresses, isUnknown } from '../egress/addresses.ts'
import { maxRanges, rangesMode } from '../egress/authorized-ranges.ts'
import { effectivePathOf, effectivePathOfSubnets, internetRoutesOf } from '../egress/effective-path.ts'
import { interruptedChange } from '../egress/interrupted-change.ts'
import { currentSide, type EgressPath, egressAddressesOf, egressPaths } from '../egress/paths.ts'
import { rangesCoverage } from '../egress/ranges-coverage.ts'
import { hopLabel } from '../egress/routes.ts'
import { prefixesInUse } from '../egress/static-gateway.ts'
import { plannedMaintenance } from '../maintenance/maintenance-windows.ts'
import { defaultRequest } from '../request/plan-request.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredType } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { whyOf } from './compare-targets.ts'
import { buildPlan, identityOf, UNSTAMPED } from './planner.ts'

/** The current egress of the cluster, and for each possible target the verdict of a plan with default parameters. */
export function buildEgressReport(
  snapshot: Snapshot,
  policy: PlanningPolicy,
  azure: AzureMode,
): EgressReport {
  const { cluster } = snapshot
  const side = currentSide(snapshot)
  const { declared: type } = side
  const paths = egressPaths(side)
  const former = interruptedChange(snapshot)?.former ?? null
  return {
    cluster: {
      ...identityOf(cluster),
      provisioningState: cluster.provisioningState,
      powerState: cluster.powerState,
    },
    asOf: snapshot.takenAt,
    azure,
    declared: declaredType(cluster),
    ...(former === null ? {} : { interruptedChange: { former } }),
    effective: effectivePathOfSubnets(snapshot.subnets, snapshot, type),
    subnets: snapshot.subnets.map((subnet) => reportSubnet(subnet, snapshot, type)),
    egressIps: distinctAddresses([
      ...egressAddressesOf(snapshot),
      ...prefixesInUse(side).map(({ address }) => address),
    ]),
    paths: paths.filter(({ subnetId }) => subnetId !== '').map(reportPath),
    authorizedRanges: reportRanges(snapshot, paths),
    targets: TYPE_KEYS.map((target) => verdict(target, snapshot, policy, azure)),
    ...(snapshot.maintenance === undefined
      ? {}
      : { maintenance: plannedMaintenance(snapshot.maintenance, new Date(snapshot.takenAt)) }),
    unread: snapshot.unread,
  }
}

function reportSubnet(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  type: OutboundType | null,
): EgressReport['subnets'][number] {
  const routes = internetRoutesOf(subnet, snapshot)
  const [route = null, ...others] = routes === 'unread' ? [] : routes
  const paths = egressPaths(currentSide(snapshot)).filter(
    ({ subnetId }) => idKey(subnetId) === idKey(subnet.id),
  )
  return {
    id: subnet.id,
    pools: subnet.pools.length === 0 ? snapshot.cluster.agentPools.map((pool) => pool.name) : subnet.pools,
    effective: effectivePathOf(subnet, snapshot, type),
    egressIps: [
      ...new Set(paths.flatMap(({ addresses }) => addresses.flatMap(({ address }) => address ?? []))),
    ],
    natGatewayId: subnet.natGatewayId,
    routeTableId: subnet.routeTableId,
    nextHop: route === null || others.length > 0 ? null : hopLabel(route),
  }
}

function reportPath({ addresses, alternative: _, ...path }: EgressPath): EgressReport['paths'][number] {
  return {
    ...path,
    addresses: addresses.flatMap(({ address }) => address ?? []),
    isComplete: !addresses.some(isUnknown),
  }
}

/** The ranges, and whether they cover the addresses that the API server sees. */
export function reportRanges({ cluster }: Snapshot, paths: EgressPath[]): EgressReport['authorizedRanges'] {
  const coverage = rangesCoverage(cluster, paths)
  return {
    mode: rangesMode(cluster),
    current: cluster.authorizedIPRanges,
    count: cluster.authorizedIPRanges.length,
    limit: maxRanges(cluster),
    coversEgress: coverage.coversEgress,
    ...(coverage.coversEgress === null ? { coverageUnknown: coverage.because } : {}),
  }
}

function verdict(
  target: TypeKey,
  snapshot: Snapshot,
  policy: PlanningPolicy,
  azure: AzureMode,
): EgressReport['targets'][number] {
  const request = defaultRequest(snapshot.cluster, { outboundType: target })
  const plan = buildPlan(snapshot, request, policy, { ...UNSTAMPED, azure })
  const { support, reversible } = plan.transition
  return {
    target,
    support,
    verdict: plan.status,
    blockers: plan.findings.filter(({ severity }) => severity === 'blocker').map(({ code }) => code),
    acknowledgements: plan.acknowledgementsRequired,
    reversible,
    reason: whyOf(plan),
  }
}
