import { isDeepStrictEqual } from 'node:util'
import type { ClusterReading } from '../../azure/arm.ts'
import { applyFieldChanges } from '../../azure/writes/apply-field-changes.ts'
import type { FieldChange, Step } from '../../contract/steps.ts'
import { equalsArm } from '../../core/arm/words.ts'
import type { Observations } from '../../core/job/events.ts'
import { knownAddresses, resolvedChanges, unmetExpectations } from '../../core/job/expectations.ts'
import { isSwitched } from '../../core/job/job-state.ts'
import { isRollbackStep } from '../../core/job/rollback-steps.ts'
import { findStaleClusterFacts } from '../../core/plan/staleness.ts'
import { declaredEgress, declaredTypeLabel } from '../../core/snapshot/network-profile.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'
import { differingFields } from '../../core/target/cluster-patch.ts'
import { describeDifferences } from './check-freshness.ts'
import type { StepContext, StepFacts } from './step-context.ts'
import { isOngoing, type TargetReading, WriteNotSentError, type WriteTarget } from './write-target.ts'

/** The cluster as the target of a write: a fresh GET, the plan's changes, one PUT. Also read by the verification step. */
export function clusterTarget(context: StepContext): WriteTarget {
  const { deps, job, step } = context
  return {
    isAbortable: true,
    read: async () => toTargetReading(context, await deps.arm.getCluster(job.plan.cluster)),
    async start({ intend, maySend }) {
      if (step.does.kind !== 'updateCluster') throw new Error('the step does not write the cluster')
      const changes = resolvedChanges(step.does.changes, knownAddresses(job.state))
      if (changes === null) {
        const detail = 'An address that must be authorized was not found.'
        throw new WriteNotSentError({ kind: 'fail', code: 'TARGET_NOT_REACHED', detail })
      }
      return deps.arm.startClusterUpdate({
        ref: job.plan.cluster,
        apiVersion: step.does.apiVersion,
        changes,
        discoveredEgress: [],
        maySend,
        async beforeSend(reading) {
          assertSendable(context, reading, changes)
          await intend(reading.facts.etag, changes)
        },
      })
    },
  }
}

function toTargetReading(context: StepContext, { facts, body }: ClusterReading): TargetReading {
  const { job, step } = context
  const state = facts.provisioningState
  const mismatches = () => unmetExpectations(step.expects, body, knownAddresses(job.state))
  return {
    state,
    stateLabel: "The cluster's provisioning state",
    isRunning: !equalsArm(state, 'Succeeded'),
    isLagging: isOngoing(state),
    trace() {
      // No operation was in progress when the write was intended, so any other state comes from the write.
      if (!isAtRest(step, state)) return `it is ${state}.`
      if (isReconcile(step)) return traceOfReconcile(context, facts)
      return mismatches().length === 0 ? 'it shows the target values of the step.' : null
    },
    staleness: () => describeStaleness(context, facts),
    mismatches,
    observed: () => toObserved(facts),
    warnings: () => ignoredFields(context, facts),
  }
}

/** The outcome of the cluster's reading for the job's result. */
export function toObserved(cluster: ClusterFacts): Observations {
  return {
    outboundType: declaredTypeLabel(cluster),
    natGatewaySku: declaredEgress(cluster).sku,
    authorizedIPRanges: cluster.authorizedIPRanges,
  }
}

/**
 * A rollback and a reconcile can start from a failed cluster, which they repair. For them, only an operation in
 * progress counts.
 */
function isAtRest(step: Step, state: string): boolean {
  return isRollbackStep(step) || isReconcile(step) ? !isOngoing(state) : equalsArm(state, 'Succeeded')
}

function isReconcile({ key }: Pick<Step, 'key'>): boolean {
  return key === 'reconcile-cluster'
}

/**
 * A reconcile changes no field, so only the ETag shows whether its write reached the cluster. Without an ETag, the
 * write counts as lost, because repeating a reconcile is harmless.
 */
function traceOfReconcile({ job, step }: StepContext, { etag }: ClusterFacts): string | null {
  const write = job.state.steps[step.key]?.write
  const intended = write !== undefined && 'etag' in write ? write.etag : null
  return intended === null || etag === null || intended === etag
    ? null
    : 'its ETag has changed since the write was intended.'
}

function hasSwitched({ job }: StepContext): boolean {
  return isSwitched(job.state)
}

/**
 * The changes since the plan was created, except the writes of the job. After the cutover and in a rollback, no change
 * counts.
 */
function describeStaleness(context: StepContext, facts: ClusterFacts): string | null {
  const { job, step } = context
  if (isRollbackStep(step) || hasSwitched(context)) return null
  const differences = findStaleClusterFacts(job.plan, facts, job.state.applied)
  return differences.length === 0 ? null : describeDifferences(differences)
}

/** Azure accepts some settings and silently drops them: the verification warns, and the change stays. */
function ignoredFields({ job, step }: StepContext, facts: ClusterFacts): StepFacts[] {
  if (step.does.kind !== 'readBack') return []
  const ignored = differingFields(job.plan.to, facts).filter((field) => field.op === 'set')
  return ignored.map(({ path }) => ({
    type: 'warned',
    message: `Azure shows a different value at ${path} than the job wrote.`,
  }))
}

/**
 * Throws `WriteNotSentError` if the new reading does not allow the write. Before the cutover, no fact of the plan may
 * have changed; after the cutover, only the outbound type matters. A stopped cluster accepts no write
 * (start-stop-cluster).
 */
function assertSendable(context: StepContext, { facts, body }: ClusterReading, changes: FieldChange[]): void {
  const { job, step } = context
  const state = facts.provisioningState
  if (!isAtRest(step, state)) throw new WriteNotSentError({ kind: 'busy', name: 'The cluster', state })
  const staleness = describeStaleness(context, facts)
  if (staleness !== null) throw new WriteNotSentError({ kind: 'fail', code: 'PLAN_STALE', detail: staleness })
  if (!equalsArm(facts.powerState, 'Running')) {
    const detail = `The cluster is ${facts.powerState.toLowerCase()}, so the step "${step.title}" is not executed.`
    throw new WriteNotSentError({ kind: 'fail', code: 'PLAN_STALE', detail })
  }
  const isUnchanged = isDeepStrictEqual(applyFieldChanges(body, changes, []), body)
  if (isUnchanged && equalsArm(state, 'Succeeded') && !isReconcile(step))
    throw new WriteNotSentError({
      kind: 'stepSkipped',
      because: 'the cluster already shows the target values.',
    })
  const isAsSwitched = equalsArm(facts.outboundType, job.plan.to.outboundType)
  if (hasSwitched(context) && !isRollbackStep(step) && !isAsSwitched) {
    const detail = `The outbound type is ${facts.outboundType} again, so the step "${step.title}" is not executed.`
    throw new WriteNotSentError({ kind: 'fail', code: 'PLAN_STALE', detail })
  }
}
