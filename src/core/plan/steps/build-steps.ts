import type { Expectation, FieldChange, Step, StepKey } from '../../../contract/steps.ts'
import type { Target } from '../../../contract/target.ts'
import { writeApiVersion } from '../../arm/api-versions.ts'
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
  nodeImageSteps,
  provisioned,
  revertSwitch,
  type StepDraft,
  widenRangesStep,
} from './cluster-steps.ts'
import { creationSteps, cutOverSteps, detachSteps, removalSteps } from './network-steps.ts'

/** The API server takes up to two minutes to admit a new range (AR; rulebook AUTHORIZED_PROPAGATION). */
export const RANGE_PROPAGATION_SECONDS = 120

/**
 * The steps in their only safe order: look again, make what the target needs, widen, wait, attach what moves the
 * traffic, switch, verify, find the new addresses, admit those that nobody could know before (design 3; rulebook
 * 11). Narrowing is never among them, unless it is what was asked for: a clean-up.
 */
export function buildSteps(context: PlanningContext): Step[] {
  if (context.isNoChange) return []
  const { add, addPrepared } = context.ranges
  const list = [
    checkFreshness(),
    ...creationSteps(context),
    ...(add.length + addPrepared.length > 0 ? [widenRangesStep(context), awaitPropagation()] : []),
    ...cutOverSteps(context),
    ...detachSteps(context),
    ...(changesCluster(context) ? [switchType(context)] : []),
    verify(context),
    discover(),
    ...(needsLateAuthorization(context) ? [authorizeDiscovered(context)] : []),
    ...nodeImageSteps(context),
    ...removalSteps(context),
  ]
  return list.map((step, index) => ({ ...step, requires: requirement(list[index - 1]) }))
}

/** A plan that only attaches what was missing leaves the cluster's own type alone, and a clean-up always does. */
function changesCluster({ from, to, target, snapshot, request }: PlanningContext): boolean {
  if (request.cleanUp !== undefined) return false
  return from !== to || !isAlreadyReached(target, snapshot.cluster)
}

/** Ranges are enforced and AKS will make addresses that do not exist yet: somebody must list them afterwards. */
export function needsLateAuthorization({
  snapshot,
  request,
  to,
  effective,
  after,
}: PlanningContext): boolean {
  const widen = request.authorizedRanges === 'widen'
  return countLateRanges(snapshot.cluster, { to, effectiveAfter: effective.after, after, widen }) > 0
}

function requirement(previous: StepDraft | undefined): StepKey[] {
  return previous === undefined ? [] : [previous.key]
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

function nothingToUndo(what: string): Pick<Step, 'undo' | 'undoes'> {
  return { undo: `Nothing to undo: this step only ${what}.`, undoes: [] }
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
  const { target, to, from, policy } = context
  return {
    key: 'change-outbound-type',
    title: from === to ? `Change the parameters of ${to}` : `Change the outbound type from ${from} to ${to}`,
    does: {
      kind: 'updateCluster',
      apiVersion: writeApiVersion(to, policy.previewApiVersion),
      changes: from === to ? plannedFields(context) : fieldChanges(target),
    },
    expects: targetExpectations(target),
    undo: undoOf(context),
    undoes: revertSwitch(context),
  }
}

function undoOf({ from, to, vnet, policy, transition, ledger }: PlanningContext): string {
  const losesAddresses = ledger.some((each) => each.change === 'lost' && !each.recoverable)
  const addresses = losesAddresses ? ' The released addresses cannot be recovered.' : ''
  if (from === to) return `Restore the previous parameters.${addresses}`
  if (transition?.reversible === true) return `Execute a rollback plan to ${from}.${addresses}`
  return from !== null && supportOf(vnet.kind, to, from, policy.pinnedEdition) === 'disputed'
    ? `Not automatic: the editions of the support matrix disagree on a rollback to ${from}.${addresses}`
    : `Irreversible: no edition of the support matrix supports ${to} to ${from}.${addresses}`
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

function discover(): StepDraft {
  return {
    key: 'discover-egress-ips',
    title: 'Discover the current egress addresses',
    does: { kind: 'discoverEgressIps' },
    expects: [],
    ...nothingToUndo('reads'),
  }
}

function authorizeDiscovered({ to, policy }: PlanningContext): StepDraft {
  const changes: FieldChange[] = [{ op: 'unionDiscoveredEgress', path: RANGES_PATH }]
  return {
    key: 'authorize-discovered-ips',
    title: 'Add the new egress addresses to the authorized IP ranges of the API server',
    does: { kind: 'updateCluster', apiVersion: writeApiVersion(to, policy.previewApiVersion), changes },
    expects: [{ path: RANGES_PATH, coversDiscoveredEgress: true }, provisioned()],
    undo: 'Remove the added addresses from the authorized IP ranges. The job lists them.',
    undoes: [],
  }
}

/** What the cluster's body shows once the target is reached; a field that ARM dropped in silence is noticed. */
function targetExpectations(target: Target): Expectation[] {
  const type: Expectation[] = [provisioned(), { path: OUTBOUND_TYPE_PATH, equals: target.outboundType }]
  if (target.outboundType === 'loadBalancer') {
    const count = target.loadBalancer.managedOutboundIpCount
    return count === null
      ? type
      : [...type, { path: `${LOAD_BALANCER_PATH}/managedOutboundIPs/count`, equals: count }]
  }
  if (target.outboundType !== 'managedNATGateway') return type
  const { managedOutboundIpCount: count, sku } = target.natGateway
  const counted: Expectation[] =
    count === null ? [] : [{ path: `${NAT_GATEWAY_PATH}/managedOutboundIPProfile/count`, equals: count }]
  const named: Expectation[] = sku === 'StandardV2' ? [{ path: `${NAT_GATEWAY_PATH}/sku`, equals: sku }] : []
  return [...type, ...named, ...counted]
}
