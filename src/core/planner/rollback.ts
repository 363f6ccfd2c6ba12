import type { Cutover, RollbackOutlook, RollbackPreview } from '../../contract/plan.ts'
import type { RequestedPreparation } from '../../contract/preparation.ts'
import type { Step } from '../../contract/steps.ts'
import type { RequestedTarget } from '../../contract/target.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { buildPlanningContext, type PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { listedAs } from '../lib/text.ts'
import { resolveCutover } from '../plan/cutover.ts'
import { buildSteps } from '../plan/steps/build-steps.ts'
import { defaultRequest } from '../request/plan-request.ts'
import { EGRESS_IP_LOST, EGRESS_IP_SOME_LOST } from '../rules/address-changes.ts'
import { evaluateDecisiveRules, findingCodes } from '../rules/index.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'
import { formerTarget } from '../target/egress-profile.ts'
import { deletedAddresses, permanentLosses, releasesSome, replaceableGateways } from './rollback-losses.ts'
import { snapshotAfter } from './snapshot-after.ts'

/**
 * A preview of the rollback plan: its steps, blockers and acknowledgements for the cluster after the change. Addresses that
 * AKS creates during the change are unknown, but a rollback certainly loses them.
 */
function previewRollback(context: PlanningContext, back: PlanningContext): RollbackPreview {
  const findings = evaluateDecisiveRules(back)
  const blockers = findingCodes(findings, 'blocker')
  const stepsBack = buildSteps(back)
  return {
    status: blockers.length > 0 ? 'blocked' : 'applicable',
    steps: stepsBack.map(({ key, title }) => ({ key, title })),
    cutOver: undefinedCutover(context, stepsBack) ?? resolveCutover(back, stepsBack),
    blockers,
    acknowledgements: withCreatedAddresses(context, findingCodes(findings, 'acknowledge')),
  }
}

/** The planning context of the rollback plan. */
function rollbackContext(
  context: PlanningContext,
  target: RequestedTarget,
  prepare: RequestedPreparation | null,
): PlanningContext {
  const request = {
    ...defaultRequest(context.snapshot.cluster, target),
    ...(prepare === null ? {} : { prepare }),
  }
  return buildPlanningContext(snapshotAfter(context), request, context.policy)
}

/**
 * The cutover of a rollback that moves the traffic only if AKS has replaced a customer-managed NAT gateway with its own
 * gateway. Azure does not define this. Null for any other rollback.
 */
function undefinedCutover(context: PlanningContext, steps: Step[]): Cutover | null {
  const gateways = replaceableGateways(context)
  const change = steps.find(({ key }) => key === 'change-outbound-type')
  if (context.from === context.to || gateways.length === 0 || change === undefined) return null
  return {
    step: change.key,
    because: `AKS may move traffic while it updates the cluster, because Azure does not define whether the change replaces the ${listedAs('NAT gateway', gateways)}. After the change, run \`az network vnet subnet show --query natGateway.id\` to see which NAT gateway the subnet has.`,
  }
}

/**
 * The acknowledgements of a rollback, with the addresses that AKS creates during the change: a rollback to another type
 * releases all of them. A rollback to a lower number releases some of them, but which ones is unknown.
 */
function withCreatedAddresses({ from, to, after }: PlanningContext, codes: string[]): string[] {
  const { IPv4, IPv6 } = after.created
  if (IPv4 + IPv6 === 0) return codes
  const releasesAll = !releasesSome({ from, to, after })
  const loss = releasesAll ? EGRESS_IP_LOST.code : EGRESS_IP_SOME_LOST.code
  const others = codes.filter((code) => code !== EGRESS_IP_LOST.code && code !== EGRESS_IP_SOME_LOST.code)
  return [...others, loss]
}

/**
 * What the rollback plan prepares: the NAT gateway that the plan replaces, if all subnets have the same one. A request can
 * prepare only one gateway. Null if the plan changes the outbound type, because a rollback does not prepare anything then.
 */
function restoringPreparation({
  snapshot,
  preparation,
  from,
  to,
  completes,
}: PlanningContext): RequestedPreparation | null {
  const id = snapshot.subnets[0]?.natGatewayId ?? null
  if (from !== to || to !== 'userAssignedNATGateway' || completes !== null) return null
  if (id === null || isAksOwned(id, snapshot)) return null
  const isReplaced = snapshot.subnets.every(
    (subnet) =>
      equalsArm(subnet.natGatewayId, id) &&
      preparation.planned.attachments[idKey(subnet.id)]?.natGatewayId !== undefined,
  )
  return isReplaced ? { natGateway: { id } } : null
}

/**
 * The rollback: whether the support matrix allows it, its exact target (the recorded former profile, not defaults), and
 * what it does not restore.
 */
export function buildRollbackOutlook(context: PlanningContext): RollbackOutlook {
  const { to, vnet, policy, isChange, completes } = context
  const from = completes === null ? context.from : completes.former
  const isCleanup = context.request.cleanUp !== undefined
  // A cleanup, and a plan that only prepares resources, keep the outbound type. Their steps state how to undo them, but no
  // plan restores a deleted address.
  const prepare = restoringPreparation(context)
  const isUndone = context.changesEgress || prepare !== null
  if (from === null || !isChange || isCleanup || !isUndone) {
    const lost = isCleanup ? deletedAddresses(context) : []
    return { supported: false, support: null, target: null, lost, routes: [], plan: null }
  }
  const support = supportOf(vnet.kind, to, from, policy.pinnedEdition)
  const isOpen = support === 'supported' || support === 'sameType'
  const target = isOpen || support === 'disputed' ? formerTarget(context.snapshot.cluster, from) : null
  const routes = isOpen ? [] : transitionPaths(vnet.kind, to, from, policy.pinnedEdition)
  const change = { ...context, from }
  const back = target === null ? null : rollbackContext(change, target, prepare)
  return {
    supported: isOpen,
    support,
    target,
    ...(prepare === null ? {} : { prepare }),
    // Without a rollback, the list of what it cannot restore is empty.
    lost: back === null && routes.length === 0 ? [] : permanentLosses(change, back),
    routes,
    ...(routes.length === 0
      ? {}
      : { isNetworkIsolated: equalsArm(context.snapshot.cluster.artifactSource, 'Cache') }),
    plan: back === null ? null : previewRollback(change, back),
  }
}
