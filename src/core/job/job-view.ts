import type { Job, JobError, JobResult, JobStep } from '../../contract/job.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Step, StepAction } from '../../contract/steps.ts'
import { isRoute, lastSegment } from '../arm/resource-id.ts'
import { countPlan } from '../planner/planner.ts'
import { withOperation, withoutOperation } from './failed-operation.ts'
import { revertedError, withAddedRanges, withoutClaims, withoutRanges } from './job-error.ts'
import { ROLLBACK_PROBE, toNodeVerification } from './job-probes.ts'
import {
  canBeRescheduled,
  isHeld,
  type JobState,
  mayHaveSwitched,
  mayHaveWritten,
  type StepState,
  toJobHold,
} from './job-state.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

const SWITCH = 'change-outbound-type'

/** The effects of an unsuccessful job that the cluster does not show, with their remedies. */
function endWarnings(plan: Plan, state: JobState): string[] {
  if (state.finishedAt === null || state.status === 'Succeeded') return []
  const remaining = state.status === 'Canceled' ? remainingChanges(plan, state) : []
  return [...remaining, ...(mayHaveSwitched(state) ? lockedOut(plan, state) : trafficMoved(plan, state))]
}

/** A cancellation reverts nothing: the warning lists the steps that were completed and those that were not. */
function remainingChanges({ steps }: Plan, state: JobState): string[] {
  const titlesOf = (isMatch: (step: StepState) => boolean) =>
    steps.flatMap(({ key, title }) => {
      const step = state.steps[key]
      return step !== undefined && isMatch(step) ? [`“${title}”`] : []
    })
  const written = titlesOf((step) => step.isWrite && step.status === 'Succeeded')
  const missing = titlesOf(({ status }) => status === 'Canceled')
  const [first] = missing
  if (written.length === 0) return []
  return [
    `The job was canceled. It did not revert its completed steps: ${written.join(', ')}.${first === undefined ? '' : ` It did not complete the step ${first}${missing.length === 1 ? '' : ' or any later step'}.`}`,
  ]
}

/** The cutover happened without the later change of the outbound type, so the declared type and the actual path differ. */
function trafficMoved(plan: Plan, state: JobState): string[] {
  if (!plan.steps.some(({ key }) => key === SWITCH)) return []
  // A gateway carries no traffic while a default route takes precedence over it.
  if (plan.cutOver.step === null) return []
  const moved = trafficMovingSteps(plan).filter(
    ({ key }) => mayHaveWritten(state, key) && !isDone(state, `undo-${key}`),
  )
  if (moved.length === 0) return []
  const has = moved.every(({ key }) => isDone(state, key)) ? 'has moved' : 'may have moved'
  const commands = moved
    .reverse()
    .flatMap(({ undoes }) => undoes.flatMap((does) => manualCommand(does) ?? []))
    .map((command) => `\`${command}\``)
  return [
    `Traffic ${has} to the egress path that the job attached (${moved.map(({ title }) => `“${title}”`).join(', ')}), although the declared outbound type is still \`${plan.from.outboundType}\`. ` +
      `To complete the change, create a new plan for \`${plan.to.outboundType}\`. ` +
      `To move traffic back, create a cleanup plan of this job: the plan detaches the gateways, route tables and routes that the job created, unless other resources use them. ` +
      `To move traffic back manually, run ${commands.join('; ')}. Traffic then moves immediately.`,
  ]
}

/** New AKS-managed addresses had to be authorized after the change of the outbound type. */
function lockedOut(plan: Plan, state: JobState): string[] {
  const authorizing = ['authorize-discovered-ips', 'undo-authorize-discovered-ips'] as const
  const isMissing = plan.steps.some(({ key }) => key === authorizing[0])
  if (!isMissing || authorizing.some((key) => isDone(state, key))) return []
  const { resourceGroup, name } = plan.cluster
  return [
    'The addresses that AKS created for the change were not added to the authorized IP ranges of the API server. Nodes whose egress IP is outside the ranges are locked out of the API server. ' +
      'Read the current egress IPs in the egress report of the cluster, and add each IP outside the ranges as a /32. ' +
      'Include all current ranges, because the command replaces the list: ' +
      `\`az aks update -g ${resourceGroup} -n ${name} --api-server-authorized-ip-ranges <current ranges>,<address>/32\`.`,
  ]
}

function isDone({ steps }: JobState, key: Step['key']): boolean {
  const step = steps[key]
  return step !== undefined && hasEnded(step)
}

/** A step that was skipped because there was nothing to do has an end; a step that was never reached has none. */
function hasEnded({ status, finishedAt }: Pick<JobStep, 'status' | 'finishedAt'>): boolean {
  return status === 'Succeeded' || (status === 'Skipped' && finishedAt !== null)
}

/** An undo action as an Azure CLI command; null for actions outside the network. */
function manualCommand(does: StepAction): string | null {
  if (does.kind === 'deleteResource') return `az network route-table route delete --ids ${does.id}`
  if (does.kind !== 'putResource') return null
  const kind = isRoute(does.id) ? 'route-table route' : 'vnet subnet'
  return `az network ${kind} update --ids ${does.id} ${does.changes.map(argument).join(' ')}`
}

const OPTIONS: Record<string, string> = {
  natGateway: '--nat-gateway',
  routeTable: '--route-table',
  nextHopType: '--next-hop-type',
  nextHopIpAddress: '--next-hop-ip-address',
}

function argument(change: { op: string; path: string; value?: Json }): string {
  const field = lastSegment(change.path)
  if (change.op === 'remove') return `--remove ${field}`
  return `${OPTIONS[field] ?? field} ${isObject(change.value) ? change.value.id : change.value}`
}

/** The job as callers see it: a pure function of its plan and its folded log. */
export function toJob(id: string, plan: Plan, state: JobState): Job {
  const all = [...plan.steps, ...(state.rollback?.steps ?? [])]
  const steps = all.map((step) => stepView(step.key, step.title, state))
  const isFinal = state.finishedAt !== null
  // A job that has not begun has changed nothing.
  const hasBegun = state.startedAt !== null
  const rollback = rollbackOf(state)
  const verification = toNodeVerification(plan.steps, state.probes, isFinal)
  return {
    id,
    planId: plan.id,
    cluster: {
      id: plan.cluster.id,
      subscriptionId: plan.cluster.subscriptionId,
      resourceGroup: plan.cluster.resourceGroup,
      name: plan.cluster.name,
    },
    status: state.status,
    azure: plan.azure,
    createdBy: state.by,
    reason: state.reason,
    ...(Object.keys(state.labels).length === 0 ? {} : { labels: state.labels }),
    approvals: state.approvals,
    counts: countPlan(plan),
    progress: {
      done: steps.filter(hasEnded).length,
      total: steps.length,
    },
    currentStep: state.current,
    steps,
    timestamps: {
      acceptedAt: state.acceptedAt,
      startedAt: state.startedAt,
      finishedAt: state.finishedAt,
      cancelRequestedAt: state.cancelRequestedAt,
    },
    cancellation: state.cancellation,
    onFailure: state.onFailure,
    schedule: state.schedule,
    beginsAt: state.beginsAt,
    hold: toJobHold(state),
    rollback,
    error: withNames(errorOf(plan, state), id, plan),
    warnings: [
      ...state.warnings,
      ...(rollback?.status === 'Succeeded' ? [] : state.probes.warnings),
      ...endWarnings(plan, state),
    ],
    preparedAddresses: state.observed.prepared ?? [],
    result: resultOf(state),
    ...(verification === undefined ? {} : { nodeVerification: verification }),
    actions: {
      cancel: !isFinal,
      release: isHeld(state),
      rollbackPlan:
        isFinal &&
        (mayHaveSwitched(state) || mayHaveReplaced(plan, state)) &&
        plan.rollback.target !== null &&
        rollback?.status !== 'Succeeded',
      cleanUpPlan: isFinal && hasBegun && plan.transition.from !== null,
      reschedule: canBeRescheduled(state),
      reconcilePlan: isFinal && hasBegun,
    },
  }
}

/** Whether the job has attached a resource that a rollback plan replaces with the former one, or may have attached it. */
function mayHaveReplaced(plan: Plan, state: JobState): boolean {
  return (
    plan.rollback.prepare !== undefined &&
    trafficMovingSteps(plan).some(({ key }) => mayHaveWritten(state, key))
  )
}

/** The cluster is Succeeded after a rollback if the job did not write its outbound type, or has changed it back. */
function errorOf(plan: Plan, state: JobState): JobError | null {
  const recorded = state.error ?? state.rollback?.error ?? null
  if (recorded === null) return null
  const error = withoutClaims(recorded)
  const isRestored =
    rollbackOf(state)?.status === 'Succeeded' && (isDone(state, `undo-${SWITCH}`) || !mayHaveSwitched(state))
  const done = [...plan.steps, ...(state.rollback?.steps ?? [])].filter(({ key }) => isDone(state, key))
  return withAddedRanges(
    isRestored ? withoutOperation(revertedError(error)) : withOperation(error, plan, state),
    done,
  )
}

/** The error with the job and the cluster in the commands of its remedy. */
function withNames(error: JobError | null, id: string, { cluster, authorizedRanges }: Plan): JobError | null {
  if (error === null) return null
  const remedy = (authorizedRanges.current.length > 0 ? error.remedy : withoutRanges(error.remedy))
    .replaceAll('{jobId}', () => id)
    .replaceAll('<resource group>', () => cluster.resourceGroup)
    .replaceAll('<cluster>', () => cluster.name)
  return { ...error, remedy }
}

/** A rollback has succeeded if all its steps have succeeded. The measurement at its end reverts nothing. */
function rollbackOf({ rollback, steps, finishedAt }: JobState): Job['rollback'] {
  if (rollback === null) return null
  const isDone = rollback.steps.every(
    ({ key }) => key === ROLLBACK_PROBE || ['Succeeded', 'Skipped'].includes(steps[key]?.status ?? ''),
  )
  if (finishedAt === null) return { status: 'Running' }
  return { status: isDone ? 'Succeeded' : 'Failed' }
}

function stepView(key: JobStep['key'], title: string, state: JobState): JobStep {
  const step = state.steps[key]
  return {
    key,
    title,
    status: step?.status ?? 'Pending',
    startedAt: step?.startedAt ?? null,
    finishedAt: step?.finishedAt ?? null,
    attempts: step?.attempts ?? 0,
    ...(step?.isWrite === true && step.startedAt !== null
      ? { mayHaveChanged: mayHaveWritten(state, key) }
      : {}),
  }
}

/** Only values that were read from Azure; null until the addresses are known. */
function resultOf({ observed }: JobState): JobResult | null {
  if (observed.outboundType === undefined || observed.egressIps === undefined) return null
  return {
    outboundType: observed.outboundType,
    natGatewaySku: observed.natGatewaySku ?? null,
    egressIps: observed.egressIps,
    authorizedIPRanges: observed.authorizedIPRanges ?? [],
    leftBehind: observed.leftBehind ?? [],
  }
}

/** What a caller may do on the cluster of a job, by its roles and the access policy. */
export interface CallerPermissions {
  plan: boolean
  execute: boolean
}

/**
 * The operations that the state of a job and the permissions of a caller allow. A release is an action only during the
 * hold: a release in advance is accepted, but a button for it would be pressed too early.
 */
export function callerActions(
  { actions, isHeld }: { actions: Job['actions']; isHeld: boolean },
  { plan, execute }: CallerPermissions,
): Job['actions'] {
  return {
    cancel: execute && actions.cancel,
    release: execute && isHeld,
    rollbackPlan: plan && actions.rollbackPlan,
    cleanUpPlan: plan && actions.cleanUpPlan,
    // Views of earlier versions lack these members.
    reschedule: execute && actions.reschedule === true,
    reconcilePlan: plan && actions.reconcilePlan === true,
  }
}
