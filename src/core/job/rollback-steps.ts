import type { Plan } from '../../contract/plan.ts'
import type { Step, StepAction } from '../../contract/steps.ts'
import { writeApiVersion } from '../arm/outbound-type.ts'
import { isRoute } from '../arm/resource-id.ts'
import {
  authorizeDiscoveredStep,
  chainSteps,
  DISCOVERY_STEP,
  PROVISIONED,
  type StepDraft,
} from '../plan/steps/cluster-steps.ts'
import { AFTER_ROLLBACK } from '../plan/steps/node-probe-steps.ts'
import { OUTBOUND_TYPE_PATH, RANGES_PATH } from '../target/cluster-patch.ts'
import { hasBaseline, ROLLBACK_PROBE } from './job-probes.ts'
import { type JobState, mayHaveWritten } from './job-state.ts'

/**
 * The steps that revert a failed job, newest first: the outbound type, then the earlier steps that moved traffic. Added
 * ranges and new addresses remain, so that no node is locked out during the rollback; cleanup is a separate job. Empty if
 * no traffic has moved yet, or if there is no rollback.
 */
export function buildRollbackSteps(plan: Plan, state: JobState): Step[] {
  // A resource that is permanently deleted cannot be attached again.
  const isGone = ({ key, does, undoes }: Step) =>
    does.kind === 'deleteResource' && undoes.length === 0 && mayHaveWritten(state, key)
  if (plan.steps.some(isGone)) return []
  const moving = plan.steps.filter((step) => changesEgress(step, plan) && mayHaveWritten(state, step.key))
  if (moving.some((step) => step.undoes.length === 0)) return []
  const undone = moving.reverse().flatMap((step) => step.undoes.map((does) => undoStep(plan, step, does)))
  if (undone.length === 0) return []
  return chainSteps([...undone, ...findAndAuthorize(plan), ...measureAgain(plan, state)])
}

/** Azure Resource Manager shows that the change is reverted, but not that nodes reach everything again. */
function measureAgain({ steps }: Plan, { probes }: JobState): StepDraft[] {
  const baseline = steps.find(({ key }) => key === 'probe-nodes-before')
  if (baseline?.does.kind !== 'probeNodes' || !hasBaseline(probes)) return []
  const { key: _key, requires: _requires, ...rest } = baseline
  return [
    {
      ...rest,
      key: ROLLBACK_PROBE,
      title: AFTER_ROLLBACK,
      does: { ...baseline.does, when: 'after' },
    },
  ]
}

/** Whether a step belongs to the rollback of a failed job. */
export function isRollbackStep({ key }: Pick<Step, 'key'>): boolean {
  return key.startsWith('undo-')
}

/**
 * The steps that move traffic, or may: the change of the outbound type, a reconcile that completes one, attachments,
 * detachments, and routes. No step before the cutover moves traffic.
 */
export function trafficMovingSteps(plan: Pick<Plan, 'steps' | 'cutOver'>): Step[] {
  const cutover = plan.steps.findIndex(({ key }) => key === plan.cutOver.step)
  return plan.steps.slice(Math.max(cutover, 0)).filter((step) => changesEgress(step, plan))
}

/** Whether the step changes what carries the traffic of the cluster, now or after a later step. */
function changesEgress({ key, does, undoes }: Step, { cutOver }: Pick<Plan, 'cutOver'>): boolean {
  if (key === 'change-outbound-type') return true
  if (key === 'reconcile-cluster') return cutOver.step === key
  if (does.kind === 'putResource') return does.body === null || isRoute(does.id)
  // Deleting an unused resource moves no traffic and has no undo.
  return does.kind === 'deleteResource' && undoes.length > 0
}

function undoStep(plan: Plan, step: Step, does: StepAction): StepDraft {
  const isCluster = does.kind === 'updateCluster'
  return {
    key: `undo-${step.key}`,
    title: isCluster
      ? `Revert the outbound type to ${plan.from.outboundType}`
      : `Undo step ${plan.steps.indexOf(step) + 1} (${step.title})`,
    does,
    expects: does.kind === 'deleteResource' ? [] : expectations(plan, isCluster),
    undo: 'Create a new plan for the target.',
    undoes: [],
  }
}

function expectations({ from }: Plan, isCluster: boolean): Step['expects'] {
  return isCluster ? [PROVISIONED, { path: OUTBOUND_TYPE_PATH, equals: from.outboundType }] : [PROVISIONED]
}

/** AKS may create new addresses during the rollback, which an API server with authorized ranges must allow. */
function findAndAuthorize(plan: Plan): StepDraft[] {
  const undo = 'Nothing to undo.'
  const discover: StepDraft = { ...DISCOVERY_STEP, key: 'undo-discover-egress-ips', undo }
  if (plan.authorizedRanges.mode !== 'enforced') return [discover]
  const authorize: StepDraft = {
    ...authorizeDiscoveredStep(writeApiVersion(plan.transition.from, null)),
    key: 'undo-authorize-discovered-ips',
    title: 'Add these addresses to the authorized IP ranges of the API server',
    expects: [{ path: RANGES_PATH, coversDiscoveredEgress: true }],
    undo,
  }
  return [discover, authorize]
}
