import type { Step } from '../../contract/steps.ts'
import { equalsArm, isInProgress } from '../../core/arm/words.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { knownAddresses, unmetExpectations } from '../../core/job/expectations.ts'
import { isRollbackStep } from '../../core/job/rollback-steps.ts'
import { valueAtPointer } from '../../core/lib/json.ts'
import { findStaleClusterFacts } from '../../core/plan/staleness.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts, recordEvents } from '../event-log.ts'
import { describeDifferences } from './check-freshness.ts'
import { failJob, handleArmError } from './outcome.ts'
import { containsChanges, readStepResource } from './resource-state.ts'

/**
 * A PUT that was sent just before a crash can still be on its way: a cluster without a trace of it is
 * believed only at the second look, this much later. Longer than ARM takes to show `Updating`.
 */
const SECOND_READ_DELAY_MS = 10_000

/**
 * Settles a write whose answer was never recorded, by reading: what is under way or done is adopted, what
 * left no trace twice may be made again, anything else is another writer's.
 */
export async function reconcileClusterWrite(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    const { facts, body } = await deps.arm.getCluster(job.plan.cluster)
    const at = deps.now().toISOString()
    // It was at rest when the write was meant to be sent: whatever it does or has failed at since is ours.
    // Before a way back it had failed already, so there only an operation under way is a trace.
    const isTrace = isRollbackStep(step)
      ? isInProgress(facts.provisioningState)
      : !equalsArm(facts.provisioningState, 'Succeeded')
    if (isTrace) return await adoptWrite(deps, job, step, `it is ${facts.provisioningState}.`)
    if (unmetExpectations(step.expects, body, knownAddresses(job.state)).length === 0)
      return await adoptWrite(deps, job, step, 'it shows what the step wanted.')
    const write = job.state.steps[step.key]?.write
    const differences = findStaleClusterFacts(job.plan, facts, job.state.applied)
    if (differences.length > 0 && isBeforeCutover(job) && !isRollbackStep(step))
      return await failJob(deps, job, step, 'PLAN_STALE', { detail: describeDifferences(differences) })
    if (write?.phase === 'notSeen') {
      await recordEvents(deps, job, [{ type: 'writeLost', at, step: step.key }])
      return
    }
    const lookAgain = new Date(deps.now().getTime() + SECOND_READ_DELAY_MS / deps.waitScale)
    const event: JobEvent = { type: 'writeNotSeen', at, step: step.key, lookAgainAt: lookAgain.toISOString() }
    await recordEvents(deps, job, [event], lookAgain)
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

async function adoptWrite(deps: JobsDeps, job: LoadedJob, step: Step, because: string): Promise<void> {
  await recordEvents(deps, job, [
    { type: 'writeAdopted', at: deps.now().toISOString(), step: step.key, because },
  ])
  deps.logger.info(logFacts(job, step), 'adopted a write whose answer was lost')
}

function isBeforeCutover({ state }: LoadedJob): boolean {
  return state.steps['change-outbound-type']?.status !== 'Succeeded'
}

/**
 * Settles the write of a resource whose answer was never recorded, by reading. It was absent, or at rest with the
 * former values, when the write was meant to be sent: any trace of it is ours. What left no trace twice may be made again.
 */
export async function reconcileResourceWrite(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    const because = await findTrace(deps, step)
    const at = deps.now().toISOString()
    if (because !== null) return await adoptWrite(deps, job, step, because)
    if (job.state.steps[step.key]?.write.phase === 'notSeen') {
      await recordEvents(deps, job, [{ type: 'writeLost', at, step: step.key }])
      return
    }
    const lookAgain = new Date(deps.now().getTime() + SECOND_READ_DELAY_MS / deps.waitScale)
    const event: JobEvent = { type: 'writeNotSeen', at, step: step.key, lookAgainAt: lookAgain.toISOString() }
    await recordEvents(deps, job, [event], lookAgain)
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

/** What shows that the write took effect; null when nothing does. */
async function findTrace(deps: JobsDeps, step: Step): Promise<string | null> {
  const { does } = step
  const reading = await readStepResource(deps, step)
  if (does.kind === 'deleteResource')
    return reading === null ? 'it is gone.' : describeOngoingState(reading.body)
  if (reading === null) return null
  // An upgrade that was lost may be asked for again: to the newest image it leads either way.
  if (does.kind !== 'putResource') return describeOngoingState(reading.body)
  if (does.body !== null) return 'it exists.'
  return containsChanges(reading.body, does.changes)
    ? 'it shows what the step wanted.'
    : describeOngoingState(reading.body)
}

function describeOngoingState(body: Parameters<typeof valueAtPointer>[0]): string | null {
  const state = valueAtPointer(body, '/properties/provisioningState')
  return typeof state === 'string' && isInProgress(state) ? `it is ${state}.` : null
}
