import { compareClusterBasis } from '../../core/basis.ts'
import { unmetExpectations } from '../../core/job/check-expectations.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { knownAddresses } from '../../core/job/known-addresses.ts'
import { isUndo } from '../../core/job/undo-steps.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts } from '../load-job.ts'
import { record } from '../record.ts'
import { inWords } from './check-freshness.ts'
import { fail, faulted } from './outcome.ts'

/**
 * A PUT that was sent just before a crash can still be on its way: a cluster without a trace of it is
 * believed only at the second look, this much later. Longer than ARM takes to show `Updating`.
 */
export const SECOND_LOOK_MS = 10_000

/**
 * Settles a write whose answer was never recorded, by reading: what is under way or done is adopted, what
 * left no trace twice may be made again, anything else is another writer's.
 */
export async function settleWrite(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    const { facts, body } = await deps.arm.getCluster(job.plan.cluster)
    const at = deps.now().toISOString()
    // It was at rest when the write was meant to be sent: whatever it does or has failed at since is ours.
    // Before a way back it had failed already, so there only an operation under way is a trace.
    const isTrace = isUndo(step)
      ? /ing$/.test(facts.provisioningState)
      : facts.provisioningState !== 'Succeeded'
    if (isTrace) return await adopt(deps, job, step, `it is ${facts.provisioningState}.`)
    if (unmetExpectations(step.expects, body, knownAddresses(job.state)).length === 0)
      return await adopt(deps, job, step, 'it shows what the step wanted.')
    const write = job.state.steps[step.key]?.write
    const differences = compareClusterBasis(job.plan, facts, job.state.applied)
    if (differences.length > 0 && isBeforeSwitch(job) && !isUndo(step))
      return await fail(deps, job, step, 'PLAN_STALE', { detail: inWords(differences) })
    if (write?.phase === 'notSeen') {
      await record(deps, job, [{ type: 'writeLost', at, step: step.key }])
      return
    }
    const lookAgain = new Date(deps.now().getTime() + SECOND_LOOK_MS / deps.waitScale)
    const event: JobEvent = { type: 'writeNotSeen', at, step: step.key, lookAgainAt: lookAgain.toISOString() }
    await record(deps, job, [event], lookAgain)
  } catch (error) {
    await faulted(deps, job, step, error)
  }
}

export async function adopt(deps: JobsDeps, job: LoadedJob, step: Step, because: string): Promise<void> {
  await record(deps, job, [{ type: 'writeAdopted', at: deps.now().toISOString(), step: step.key, because }])
  deps.logger.info(logFacts(job, step), 'adopted a write whose answer was lost')
}

function isBeforeSwitch({ state }: LoadedJob): boolean {
  return state.steps['change-outbound-type']?.status !== 'Succeeded'
}
