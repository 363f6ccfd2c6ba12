import { isDeepStrictEqual } from 'node:util'
import type { ClusterReading, ResourceReading } from '../../azure/arm.ts'
import { applyFieldChanges } from '../../azure/writes/apply-field-changes.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { FieldChange, Step, StepAction } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { equalsArm, isInProgress } from '../../core/arm/words.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { knownAddresses, resolvedChanges } from '../../core/job/expectations.ts'
import { isRollbackStep } from '../../core/job/rollback-steps.ts'
import { valueAtPointer } from '../../core/lib/json.ts'
import { findStaleClusterFacts } from '../../core/plan/staleness.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../event-log.ts'
import { describeDifferences } from './check-freshness.ts'
import { failJob, stepStartedEvent } from './outcome.ts'
import { containsChanges, containsSent } from './resource-state.ts'
import { sendWrite, WriteNotSentError } from './send-write.ts'

/**
 * Throws `WriteNotSentError` when the fresh reading speaks against sending. Before the switch everything must be as
 * planned, apart from what the job itself has written; after it only the outbound type.
 */
function assertClusterWritable(
  job: LoadedJob,
  step: Step,
  { facts, body }: ClusterReading,
  changes: FieldChange[],
): void {
  // What has failed is what a way back mends; only an operation under way is in its way.
  const isAtRest = isRollbackStep(step)
    ? !isInProgress(facts.provisioningState)
    : equalsArm(facts.provisioningState, 'Succeeded')
  if (!isAtRest)
    throw new WriteNotSentError({ kind: 'busy', what: 'The cluster', state: facts.provisioningState })
  const isBeforeSwitch =
    !isRollbackStep(step) && job.state.steps['change-outbound-type']?.status !== 'Succeeded'
  const differences = isBeforeSwitch ? findStaleClusterFacts(job.plan, facts, job.state.applied) : []
  if (differences.length > 0)
    throw new WriteNotSentError({ kind: 'stale', detail: describeDifferences(differences) })
  const isShown = isDeepStrictEqual(applyFieldChanges(body, changes, []), body)
  if (isShown && equalsArm(facts.provisioningState, 'Succeeded'))
    throw new WriteNotSentError({ kind: 'nothingToChange' })
  if (!isBeforeSwitch && !isRollbackStep(step) && !equalsArm(facts.outboundType, job.plan.to.outboundType))
    throw new WriteNotSentError({
      kind: 'stale',
      detail: `The outbound type is ${facts.outboundType} again; ${step.title} is not done.`,
    })
}

/** Sends the step's one PUT of the cluster: a fresh GET, the plan's changes, nothing else. */
export async function writeCluster(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  if (step.does.kind !== 'updateCluster') throw new Error('not a step that writes the cluster')
  const { apiVersion } = step.does
  const started: JobEvent[] = isNew ? [stepStartedEvent(deps, step)] : []
  const changes = resolvedChanges(step.does.changes, knownAddresses(job.state))
  if (changes === null) {
    const detail = 'An address that has to be authorized was not found.'
    return failJob(deps, job, step, 'TARGET_NOT_REACHED', { detail }, started)
  }
  await sendWrite(deps, job, step, {
    changes,
    started,
    start: (intend, maySend) =>
      deps.arm.startClusterUpdate({
        ref: job.plan.cluster,
        apiVersion,
        changes,
        discoveredEgress: [],
        maySend,
        async beforeSend(reading: ClusterReading) {
          assertClusterWritable(job, step, reading, changes)
          await intend(reading.facts.etag)
        },
      }),
  })
}

type PutAction = Extract<StepAction, { kind: 'putResource' }>

/** Sends the step's one PUT or DELETE of a network resource. */
export async function writeResource(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  const { does } = step
  if (does.kind !== 'putResource' && does.kind !== 'deleteResource' && does.kind !== 'upgradeNodeImage')
    throw new Error('not a step that writes a resource')
  const started: JobEvent[] = isNew ? [stepStartedEvent(deps, step)] : []
  const { id, apiVersion } = does
  await sendWrite(deps, job, step, {
    changes: [],
    started,
    start: (intend, maySend) => {
      const beforeSend = async (reading: ResourceReading | null) => {
        if (does.kind === 'putResource') assertPutPossible(does, reading)
        else if (does.kind === 'deleteResource') assertDeletePossible(step, id, reading)
        else assertUpgradePossible(id, reading)
        await intend(reading?.etag ?? null)
      }
      const write = { id, apiVersion, beforeSend, maySend }
      if (does.kind === 'deleteResource') return deps.arm.startResourceDelete(write)
      if (does.kind === 'upgradeNodeImage')
        return deps.arm.startResourceAction({ ...write, action: 'upgradeNodeImageVersion' })
      const { body, changes } = does
      return deps.arm.startResourceWrite({ ...write, body, changes })
    },
  })
}

/** Throws `WriteNotSentError` when what stands there is not what the plan saw. */
function assertPutPossible(does: PutAction, reading: ResourceReading | null): void {
  const name = lastSegment(does.id)
  if (does.body !== null) {
    if (reading !== null) throw new WriteNotSentError({ kind: 'alreadyThere', because: `${name} exists.` })
    return
  }
  if (reading === null)
    throw new WriteNotSentError({ kind: 'stale', detail: `${name} does not exist any more.` })
  if (containsChanges(reading.body, does.changes))
    throw new WriteNotSentError({ kind: 'alreadyThere', because: `${name} shows it already.` })
  assertAtRest(name, reading.body)
  if (!containsChanges(reading.body, does.former))
    throw new WriteNotSentError({
      kind: 'stale',
      detail: `${name} has been changed since the plan was made.`,
    })
}

/** What can be made again is deleted only as it would be made again: otherwise it is another's by now. */
function assertDeletePossible({ undoes }: Step, id: string, reading: ResourceReading | null): void {
  const name = lastSegment(id)
  if (reading === null) throw new WriteNotSentError({ kind: 'alreadyThere', because: `${name} is gone.` })
  assertAtRest(name, reading.body)
  for (const undo of undoes)
    if (undo.kind === 'putResource' && undo.body !== null && !containsSent(reading.body, undo.body))
      throw new WriteNotSentError({
        kind: 'stale',
        detail: `${name} has been changed since the plan was made.`,
      })
}

function assertUpgradePossible(id: string, reading: ResourceReading | null): void {
  if (reading === null)
    throw new WriteNotSentError({
      kind: 'stale',
      detail: `The pool ${lastSegment(id)} does not exist any more.`,
    })
  assertAtRest(lastSegment(id), reading.body)
}

function assertAtRest(what: string, body: JsonObject): void {
  const state = valueAtPointer(body, '/properties/provisioningState')
  // A resource that has failed can be written again, and often that is what mends it.
  if (typeof state === 'string' && isInProgress(state))
    throw new WriteNotSentError({ kind: 'busy', what, state })
}
