import type { Job, JobResult, JobStep } from '../../contract/job.ts'
import type { Json } from '../../contract/json.ts'
import type { Plan } from '../../contract/plan.ts'
import type { Step, StepAction } from '../../contract/steps.ts'
import { isRoute, lastSegment } from '../arm/resource-id.ts'
import { isObject } from '../lib/json.ts'
import { canBeReleased, type JobState, mayHaveWritten, toJobHold } from './job-state.ts'
import { trafficMovingSteps } from './rollback-steps.ts'

const SWITCH = 'change-outbound-type'

/** What a job that did not come to its end leaves behind and nobody sees on the cluster itself, and what to do about it. */
function endWarnings(plan: Plan, state: JobState): string[] {
  if (state.finishedAt === null || state.status === 'Succeeded') return []
  return mayHaveWritten(state, SWITCH) ? lockedOut(plan, state) : trafficMoved(plan, state)
}

/** The cut-over came before the switch, and the switch never came: the declared type and the real path differ. */
function trafficMoved(plan: Plan, state: JobState): string[] {
  if (!plan.steps.some(({ key }) => key === SWITCH)) return []
  // A gateway that was attached under a default route carries nothing.
  if (plan.cutOver.step === null) return []
  const moved = trafficMovingSteps(plan).filter(
    ({ key }) => mayHaveWritten(state, key) && !isDone(state, `undo-${key}`),
  )
  if (moved.length === 0) return []
  const has = moved.every(({ key }) => isDone(state, key)) ? 'has moved' : 'may have moved'
  const orders = moved
    .reverse()
    .flatMap(({ undoes }) => undoes.flatMap((does) => manualCommand(does) ?? []))
    .map((order) => `\`${order}\``)
  return [
    `Traffic ${has}: it leaves by what the job attached (${moved.map(({ key }) => key).join(', ')}), although the outbound type is still ${plan.from.outboundType}. ` +
      `A new plan to ${plan.to.outboundType} finishes the change. To go back instead, which moves traffic at once: a clean-up plan of this job takes off the gateways, tables and routes that it made, where nobody else needs them; by hand it is ${orders.join('; ')}.`,
  ]
}

/** Addresses that only AKS knows were to be admitted after the switch. */
function lockedOut(plan: Plan, state: JobState): string[] {
  const admits = ['authorize-discovered-ips', 'undo-authorize-discovered-ips'] as const
  const isMissing = plan.steps.some(({ key }) => key === admits[0])
  if (!isMissing || admits.some((key) => isDone(state, key))) return []
  const { resourceGroup, name } = plan.cluster
  return [
    'The authorized ranges of the API server were not widened by the addresses that AKS makes for the change: nodes that leave by an address outside the ranges are locked out of the API server. ' +
      'Read the addresses that the cluster leaves by now (its egress report names them), and add each that no range covers as a /32, beside all that stand there, because the list is replaced: ' +
      `\`az aks update -g ${resourceGroup} -n ${name} --api-server-authorized-ip-ranges <present ranges>,<address>/32\`.`,
  ]
}

function isDone({ steps }: JobState, key: Step['key']): boolean {
  const step = steps[key]
  return step !== undefined && hasEnded(step)
}

/** A step that was skipped because there was nothing to do has an end; one that was never reached has none. */
function hasEnded({ status, finishedAt }: Pick<JobStep, 'status' | 'finishedAt'>): boolean {
  return status === 'Succeeded' || (status === 'Skipped' && finishedAt !== null)
}

/** A step of the way back as an order for the Azure CLI; null for what is none of the network's. */
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
  const rollback = rollbackOf(state)
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
    approvals: state.approvals,
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
    onFailure: state.onFailure,
    schedule: state.schedule,
    hold: toJobHold(state),
    rollback,
    error: state.error ?? state.rollback?.error ?? null,
    warnings: [...state.warnings, ...endWarnings(plan, state)],
    preparedAddresses: state.observed.prepared ?? [],
    result: resultOf(state),
    actions: {
      cancel: !isFinal,
      release: canBeReleased(state),
      rollbackPlan:
        isFinal &&
        mayHaveWritten(state, SWITCH) &&
        plan.rollback.target !== null &&
        rollback?.status !== 'Succeeded',
      cleanUpPlan: isFinal,
    },
  }
}

/** It has succeeded when every step of the way back has. */
function rollbackOf({ rollback, steps, finishedAt }: JobState): Job['rollback'] {
  if (rollback === null) return null
  const isDone = rollback.steps.every((step) =>
    ['Succeeded', 'Skipped'].includes(steps[step.key]?.status ?? ''),
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
  }
}

/** Only what was read back is said; null until the addresses are known. */
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
