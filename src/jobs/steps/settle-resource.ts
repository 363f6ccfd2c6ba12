import { valueAtPointer } from '../../core/job/check-expectations.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { faulted } from './outcome.ts'
import { readStepResource, showsChanges } from './resource-state.ts'
import { adopt, SECOND_LOOK_MS } from './settle-write.ts'

/**
 * Settles the write of a resource whose answer was never recorded, by reading. It was absent, or at rest with the
 * former values, when the write was meant to be sent: any trace of it is ours. What left no trace twice may be made again.
 */
export async function settleResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    const because = await traceOf(deps, step)
    const at = deps.now().toISOString()
    if (because !== null) return await adopt(deps, job, step, because)
    if (job.state.steps[step.key]?.write.phase === 'notSeen') {
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

/** What shows that the write took effect; null when nothing does. */
async function traceOf(deps: JobsDeps, step: Step): Promise<string | null> {
  const { does } = step
  const reading = await readStepResource(deps, step)
  if (does.kind === 'deleteResource') return reading === null ? 'it is gone.' : trace(reading.body)
  if (reading === null) return null
  // An upgrade that was lost may be asked for again: to the newest image it leads either way.
  if (does.kind !== 'putResource') return trace(reading.body)
  if (does.body !== null) return 'it exists.'
  return showsChanges(reading.body, does.changes) ? 'it shows what the step wanted.' : trace(reading.body)
}

function trace(body: Parameters<typeof valueAtPointer>[0]): string | null {
  const state = valueAtPointer(body, '/properties/provisioningState')
  return typeof state === 'string' && /ing$/i.test(state) ? `it is ${state}.` : null
}
