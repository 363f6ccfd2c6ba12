import { type Finding, SEVERITIES } from '../../contract/finding.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { memoize } from '../lib/memoize.ts'
import * as addressChanges from './address-changes.ts'
import * as apiServerClients from './api-server-clients.ts'
import * as authorizedRanges from './authorized-ranges.ts'
import * as cleanup from './cleanup.ts'
import * as clusterFeatures from './cluster-features.ts'
import * as clusterState from './cluster-state.ts'
import * as customerAddresses from './customer-addresses.ts'
import * as egressExceptions from './egress-exceptions.ts'
import * as firewallPath from './firewall-path.ts'
import * as iacManaged from './iac-managed.ts'
import * as idleTimeout from './idle-timeout.ts'
import * as isolation from './isolation.ts'
import * as kubenetRoutes from './kubenet-routes.ts'
import * as leftovers from './leftovers.ts'
import * as loadBalancer from './load-balancer.ts'
import * as managedNatGateway from './managed-nat-gateway.ts'
import * as manualChecks from './manual-checks.ts'
import * as missingGateway from './missing-gateway.ts'
import * as nameResolution from './name-resolution.ts'
import * as networkState from './network-state.ts'
import * as nodeEgress from './node-egress.ts'
import * as nodePools from './node-pools.ts'
import * as partnerAllowLists from './partner-allow-lists.ts'
import * as preflight from './preflight.ts'
import * as preparation from './preparation.ts'
import * as reconcile from './reconcile.ts'
import * as routing from './routing.ts'
import type { Check, Rule } from './rule.ts'
import * as securityGroups from './security-groups.ts'
import * as snatCapacity from './snat-capacity.ts'
import * as snatDemand from './snat-demand.ts'
import * as staticGateway from './static-gateway.ts'
import * as transition from './transition.ts'
import * as userNatGateway from './user-nat-gateway.ts'
import * as userNatGatewayAddresses from './user-nat-gateway-addresses.ts'

/** All topics. Each topic exports its rules. */
const TOPICS = {
  clusterState,
  nodePools,
  clusterFeatures,
  staticGateway,
  iacManaged,
  nodeEgress,
  transition,
  isolation,
  loadBalancer,
  managedNatGateway,
  userNatGateway,
  userNatGatewayAddresses,
  customerAddresses,
  addressChanges,
  egressExceptions,
  idleTimeout,
  snatCapacity,
  snatDemand,
  authorizedRanges,
  apiServerClients,
  partnerAllowLists,
  routing,
  missingGateway,
  kubenetRoutes,
  securityGroups,
  firewallPath,
  networkState,
  nameResolution,
  preflight,
  preparation,
  cleanup,
  reconcile,
  leftovers,
  manualChecks,
}

/** The rule of every finding that a plan can contain. */
export const RULES: readonly Rule<never>[] = Object.values(TOPICS).flatMap((topic) =>
  Object.values(topic).filter(isRule),
)

/** The checks of topics whose rules only warn and inform. */
const ADVISORY_CHECKS: ReadonlySet<unknown> = new Set(
  Object.values(TOPICS)
    .map((topic): unknown[] => Object.values(topic))
    .filter((topic) => topic.filter(isRule).every(({ isDecisive }) => !isDecisive))
    .flat(),
)

function isRule(exported: unknown): exported is Rule<never> {
  return typeof exported === 'object' && exported !== null && 'finding' in exported
}

/** Checks of the cluster and the pair of outbound types. They always run. */
const STATE_CHECKS: readonly Check[] = [
  transition.checkTransition,
  clusterState.checkClusterState,
  staticGateway.checkStaticGateway,
  nodePools.checkNodePools,
  preparation.checkPreparation,
  cleanup.checkCleanup,
  reconcile.checkReconcile,
  nodeEgress.checkEffectiveEgress,
  authorizedRanges.checkPresentRanges,
  clusterState.checkActiveJob,
  clusterState.checkCoverage,
]

/**
 * Checks of the change, in the order in which a plan shows findings of the same severity. They run only if the support
 * matrix allows the change.
 */
const CHANGE_CHECKS: readonly Check[] = [
  transition.checkPreview,
  preflight.checkPreflight,
  loadBalancer.checkLoadBalancerDrift,
  networkState.checkProfileAddresses,
  networkState.checkManagedNetwork,
  loadBalancer.checkLoadBalancerTarget,
  loadBalancer.checkSharedFrontends,
  withPreparedSnapshot(customerAddresses.checkCustomerAddresses),
  customerAddresses.checkAddressReuse,
  withPreparedSnapshot(customerAddresses.checkCustomerAddressForm),
  loadBalancer.checkLoadBalancerPorts,
  managedNatGateway.checkManagedNatGateway,
  userNatGateway.checkBasicNeighbours,
  withPreparedSnapshot(userNatGateway.checkUserNatGateway),
  withPreparedSnapshot(userNatGateway.checkUserNatGatewayAttachment),
  withPreparedSnapshot(userNatGatewayAddresses.checkUserNatGatewayAddresses),
  withPreparedSnapshot(routing.checkUserDefinedRouting),
  missingGateway.checkMissingGateway,
  withPreparedSnapshot(kubenetRoutes.checkKubenetRoutes),
  withPreparedSnapshot(firewallPath.checkFirewallPath),
  firewallPath.checkImageUpgradeEgress,
  nameResolution.checkNameResolution,
  withPreparedSnapshot(routing.checkServiceTagRoutes),
  securityGroups.checkSecurityGroups,
  isolation.checkIsolation,
  authorizedRanges.checkAuthorizedRanges,
  apiServerClients.checkApiServerClients,
  addressChanges.checkAddressChanges,
  egressExceptions.checkEgressExceptions,
  partnerAllowLists.checkAllowLists,
  partnerAllowLists.checkConsumers,
  routing.checkIngressAsymmetry,
  transition.checkRollback,
  idleTimeout.checkIdleTimeout,
  snatCapacity.checkSnatCapacity,
  snatDemand.checkSnatDemand,
  nodeEgress.checkNodeEgress,
  nodePools.checkWindowsPools,
  clusterFeatures.checkClusterFeatures,
  networkState.checkSharedNetwork,
  iacManaged.checkIacManaged,
  clusterFeatures.checkKeyVaultAccess,
  leftovers.checkLeftovers,
  manualChecks.checkManualChecks,
]

/** Checks of a plan that only adds authorized IP ranges. */
const RANGE_CHECKS: readonly Check[] = [preflight.checkPreflight, iacManaged.checkIacManaged]

/** Checks of a reconcile that completes an interrupted change. They report effects, and never block the repair. */
const COMPLETION_CHECKS: readonly Check[] = [
  ...RANGE_CHECKS,
  loadBalancer.checkSharedFrontends,
  isolation.checkIsolation,
  authorizedRanges.checkUnknownEgress,
  apiServerClients.checkWorkloadClients,
  addressChanges.checkAddressChanges,
  egressExceptions.checkEgressExceptions,
  partnerAllowLists.checkAllowLists,
  partnerAllowLists.checkConsumers,
]

/** The context with the network as it is after the preparation of the plan. */
const onPreparedNetwork = memoize((context: PlanningContext): PlanningContext => {
  const { snapshot, prepared } = context
  return snapshot === prepared ? context : { ...context, snapshot: prepared }
})

/** Runs a check on the network as it is after the preparation of the plan. */
function withPreparedSnapshot(check: Check): Check {
  return (context) => check(onPreparedNetwork(context))
}

/** All findings, the most severe first. Findings of the same severity are in the order of the checks. */
export function evaluateRules(context: PlanningContext): Finding[] {
  return bySeverity(checksOf(context).flatMap((check) => check(context)))
}

/** The findings that block the plan or require an acknowledgement, and others of the same topics. */
export function evaluateDecisiveRules(context: PlanningContext): Finding[] {
  const checks = checksOf(context).filter((check) => !ADVISORY_CHECKS.has(check))
  return bySeverity(checks.flatMap((check) => check(context)))
}

function checksOf(context: PlanningContext): Check[] {
  return [...STATE_CHECKS, ...checksOfChange(context)]
}

function checksOfChange({ isChange, isInEffect, isNoChange, completes }: PlanningContext): readonly Check[] {
  if (completes !== null) return COMPLETION_CHECKS
  if (isChange) return CHANGE_CHECKS
  return isInEffect && !isNoChange ? RANGE_CHECKS : []
}

function bySeverity(findings: Finding[]): Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}

/** The distinct codes of one severity. */
export function findingCodes(findings: Finding[], severity: Finding['severity']): string[] {
  const codes = findings.filter((finding) => finding.severity === severity).map(({ code }) => code)
  return [...new Set(codes)]
}
