import type { Expectation, FieldChange, Step } from '../../../contract/steps.ts'
import type { Target } from '../../../contract/target.ts'
import { writeApiVersion } from '../../arm/outbound-type.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import { countLateRanges } from '../../egress/authorized-ranges.ts'
import { isCidr } from '../../lib/cidr.ts'
import { supportOf } from '../../support-matrix/transitions.ts'
import {
  fieldChanges,
  isAlreadyReached,
  LOAD_BALANCER_PATH,
  NAT_GATEWAY_PATH,
  OUTBOUND_TYPE_PATH,
  plannedFields,
  RANGES_PATH,
} from '../../target/cluster-patch.ts'
import {
  authorizeDiscoveredStep,
  chainSteps,
  DISCOVERY_STEP,
  nodeImageSteps,
  PROVISIONED,
  revertSwitch,
  type StepDraft,
  widenRangesStep,
} from './cluster-steps.ts'
import { creationSteps, cutOverSteps, detachSteps, removalSteps } from './network-steps.ts'
import { nodeProbeStep } from './node-probe-steps.ts'

/** A new range takes up to two minutes to take effect (api-server-authorized-ip-ranges). */
export const RANGE_PROPAGATION_SECONDS = 120

/**
 * The steps in the only safe order. First, check that the plan is not stale, and create the resources that the target
 * needs. Then widen the ranges, and wait until they take effect. Then attach the resources that move traffic, and
 * change the outbound type. Finally, verify the cluster, find the new addresses, and allow those that were unknown at
 * plan time. Only a cleanup narrows ranges.
 */
export function buildSteps(context: PlanningContext): Step[] {
  if (context.isNoChange) return []
  if (context.request.reconcile === true) return chainSteps(reconcileSteps(context))
  const { add, addPrepared } = context.ranges
  const list = [
    checkFreshness(),
    ...creationSteps(context),
    ...(add.length + addPrepared.length > 0 ? [widenRangesStep(context), awaitPropagation()] : []),
    ...nodeProbeStep(context, 'before'),
    ...cutOverSteps(context),
    ...detachSteps(context),
    ...(changesCluster(context) ? [switchType(context)] : []),
    verify(context),
    DISCOVERY_STEP,
    ...(needsLateAuthorization(context) ? [authorizeDiscoveredStep(apiVersionAfter(context))] : []),
    ...nodeProbeStep(context, 'after'),
    ...nodeImageSteps(context),
    ...removalSteps(context),
  ]
  return chainSteps(list)
}

/** The same write adds the ranges, because on a failed cluster any write completes the interrupted change. */
function reconcileSteps(context: PlanningContext): StepDraft[] {
  return [
    checkFreshness(),
    reconcileStep(context),
    verify(context),
    DISCOVERY_STEP,
    ...(needsLateAuthorization(context) ? [authorizeDiscoveredStep(apiVersionAfter(context))] : []),
  ]
}

/**
 * One PUT of the cluster as it was read. Profiles of other outbound types, which a failed change leaves, are not sent: AKS
 * rejects some mixtures, and the Azure CLI removes them too.
 */
function reconcileStep(context: PlanningContext): StepDraft {
  const { add } = context.ranges
  const widening: FieldChange[] =
    add.length === 0 ? [] : [{ op: 'unionCidrs', path: RANGES_PATH, cidrs: add }]
  return {
    key: 'reconcile-cluster',
    title: `Reconcile the cluster with its current settings${add.length === 0 ? '' : `, and add ${add.join(', ')} to the authorized IP ranges`}`,
    does: {
      kind: 'updateCluster',
      apiVersion: apiVersionAfter(context),
      changes: [...plannedFields(context).filter(({ op }) => op === 'remove'), ...widening],
    },
    expects: targetExpectations(context.target),
    undo: 'Cannot be undone: AKS applies the current settings of the cluster. To change the settings, create a plan for another outbound type.',
    undoes: [],
  }
}

/** A plan that only attaches a missing resource does not change the outbound type, and a cleanup never changes it. */
export function changesCluster({ from, to, target, snapshot, request }: PlanningContext): boolean {
  if (request.cleanUp !== undefined) return false
  return from !== to || !isAlreadyReached(target, snapshot.cluster)
}

/** Whether addresses must be added after the change: authorized IP ranges are set, and AKS creates new addresses. */
export function needsLateAuthorization({ snapshot, request, to, apiServer }: PlanningContext): boolean {
  const widen = request.authorizedRanges === 'widen'
  const change = { to, apiServerPath: apiServer.after, apiServer: apiServer.addresses, widen }
  return countLateRanges(snapshot.cluster, change) > 0
}

function checkFreshness(): StepDraft {
  return {
    key: 'check-freshness',
    title: 'Check that the plan is not stale',
    does: { kind: 'checkFreshness' },
    expects: [],
    ...nothingToUndo('reads'),
  }
}

function nothingToUndo(action: string): Pick<Step, 'undo' | 'undoes'> {
  return { undo: `Nothing to undo: this step only ${action}.`, undoes: [] }
}

function awaitPropagation(): StepDraft {
  return {
    key: 'await-range-propagation',
    title: 'Wait until the added authorized IP ranges take effect',
    does: { kind: 'wait', seconds: RANGE_PROPAGATION_SECONDS },
    expects: [],
    ...nothingToUndo('waits'),
  }
}

function switchType(context: PlanningContext): StepDraft {
  const { target, to, from, snapshot } = context
  return {
    key: 'change-outbound-type',
    title: from === to ? `Change the parameters of ${to}` : `Change the outbound type from ${from} to ${to}`,
    does: {
      kind: 'updateCluster',
      apiVersion: apiVersionAfter(context),
      changes: from === to ? plannedFields(context) : fieldChanges(target, snapshot.cluster),
    },
    expects: targetExpectations(target),
    undo: undoOf(context),
    undoes: revertSwitch(context),
  }
}

function undoOf({ from, to, vnet, policy, transition, ledger }: PlanningContext): string {
  const losesAddresses = ledger.some((entry) => entry.change === 'lost' && !entry.recoverable)
  const addresses = losesAddresses ? ' The released addresses cannot be recovered.' : ''
  if (from === to) return `Restore the previous parameters.${addresses}`
  if (transition?.reversible === true) return `Execute a rollback plan to ${from}.${addresses}`
  return from !== null && supportOf(vnet.kind, to, from, policy.pinnedEdition) === 'disputed'
    ? `No automatic rollback: sources disagree on whether AKS supports the change back to ${from}.${addresses}`
    : `Cannot be undone: AKS does not support the change from ${to} to ${from}.${addresses}`
}

function verify({ target, ranges }: PlanningContext): StepDraft {
  const covered: Expectation[] =
    ranges.add.length > 0
      ? [{ path: RANGES_PATH, coversCidrs: [...ranges.current.filter(isCidr), ...ranges.add] }]
      : []
  return {
    key: 'verify',
    title: 'Verify that the cluster matches the target',
    does: { kind: 'readBack' },
    expects: [...targetExpectations(target), ...covered],
    ...nothingToUndo('reads'),
  }
}

function apiVersionAfter({ to, policy }: PlanningContext): string {
  return writeApiVersion(to, policy.previewApiVersion)
}

/** What the cluster's body shows once the target is reached: a field that ARM silently dropped is noticed. */
function targetExpectations(target: Target): Expectation[] {
  const expected = [PROVISIONED, { path: OUTBOUND_TYPE_PATH, equals: target.outboundType }]
  const expectCount = (path: string, count: number | null) =>
    count === null ? [] : [{ path, equals: count }]
  if (target.outboundType === 'loadBalancer') {
    const { managedOutboundIpCount } = target.loadBalancer
    return [
      ...expected,
      ...expectCount(`${LOAD_BALANCER_PATH}/managedOutboundIPs/count`, managedOutboundIpCount),
    ]
  }
  if (target.outboundType !== 'managedNATGateway') return expected
  const { managedOutboundIpCount, sku } = target.natGateway
  return [
    ...expected,
    ...(sku === 'StandardV2' ? [{ path: `${NAT_GATEWAY_PATH}/sku`, equals: sku }] : []),
    ...expectCount(`${NAT_GATEWAY_PATH}/managedOutboundIPProfile/count`, managedOutboundIpCount),
  ]
}
