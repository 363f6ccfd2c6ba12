import { unmetExpectations, valueAtPointer } from '../../core/job/check-expectations.ts'
import { knownAddresses } from '../../core/job/known-addresses.ts'
import { pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import { nameOf } from '../../core/resource-id.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { fail, faulted, lookAgain, succeed } from './outcome.ts'
import { LAG_LIMIT_MS, sinceOf } from './read-back.ts'
import { addressIn, readStepResource, shows } from './resource-state.ts'

/** After the write of a resource: success is claimed only when the resource itself shows it. */
export async function readBackResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    await verifyResource(deps, job, step)
  } catch (error) {
    await faulted(deps, job, step, error)
  }
}

async function verifyResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const { does } = step
  const reading = await readStepResource(deps, step)
  if (does.kind === 'deleteResource') {
    if (reading === null) return succeed(deps, job, step, null)
    return fail(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${nameOf(does.id)} is still there.` })
  }
  if (does.kind !== 'putResource' && does.kind !== 'upgradeNodeImage')
    throw new Error('not a step that writes a resource')
  if (reading === null)
    return fail(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${nameOf(does.id)} is not there.` })
  const now = deps.now()
  const elapsedMs = now.getTime() - new Date(sinceOf(job, step) ?? now.toISOString()).getTime()
  const state = valueAtPointer(reading.body, '/properties/provisioningState')
  if (typeof state === 'string' && /ing$/i.test(state) && elapsedMs < LAG_LIMIT_MS)
    return lookAgain(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)))
  const unmet = unmetExpectations(step.expects, reading.body, knownAddresses(job.state))
  if (does.kind === 'putResource' && does.body !== null && !shows(reading.body, does.body))
    unmet.push(`${nameOf(does.id)} is not as it was asked for`)
  if (unmet.length > 0) return fail(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${unmet.join('; ')}.` })
  const prepared = addressIn(does.id, reading.body)
  await succeed(deps, job, step, prepared.length === 0 ? null : { prepared })
}
