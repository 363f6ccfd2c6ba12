import type { ResourceReading } from '../../azure/arm.ts'
import { valueAtPointer } from '../../core/job/check-expectations.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Step, StepAction } from '../../core/plan-steps.ts'
import { nameOf } from '../../core/resource-id.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { NotSent } from './not-sent.ts'
import { startEvent } from './outcome.ts'
import { shows, showsChanges } from './resource-state.ts'
import { sendWrite } from './send-write.ts'

type Put = Extract<StepAction, { kind: 'putResource' }>

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
  const started: JobEvent[] = isNew ? [startEvent(deps, step)] : []
  const { id, apiVersion } = does
  await sendWrite(deps, job, step, {
    changes: [],
    started,
    start: (intend, mayLeave) => {
      const beforeSend = async (reading: ResourceReading | null) => {
        if (does.kind === 'putResource') refusePut(does, reading)
        else if (does.kind === 'deleteResource') refuseDelete(step, id, reading)
        else refuseUpgrade(id, reading)
        await intend(reading?.etag ?? null)
      }
      const write = { id, apiVersion, beforeSend, mayLeave }
      if (does.kind === 'deleteResource') return deps.arm.startResourceDelete(write)
      if (does.kind === 'upgradeNodeImage')
        return deps.arm.startResourceAction({ ...write, action: 'upgradeNodeImageVersion' })
      const { body, changes } = does
      return deps.arm.startResourceWrite({ ...write, body, changes })
    },
  })
}

/** Throws `NotSent` when what stands there is not what the plan saw. */
function refusePut(does: Put, reading: ResourceReading | null): void {
  const name = nameOf(does.id)
  if (does.body !== null) {
    if (reading !== null) throw new NotSent({ kind: 'alreadyThere', because: `${name} exists.` })
    return
  }
  if (reading === null) throw new NotSent({ kind: 'stale', detail: `${name} does not exist any more.` })
  if (showsChanges(reading.body, does.changes))
    throw new NotSent({ kind: 'alreadyThere', because: `${name} shows it already.` })
  refuseBusy(name, reading.body)
  if (!showsChanges(reading.body, does.former))
    throw new NotSent({ kind: 'stale', detail: `${name} has been changed since the plan was made.` })
}

/** What can be made again is deleted only as it would be made again: otherwise it is another's by now. */
function refuseDelete({ undoes }: Step, id: string, reading: ResourceReading | null): void {
  const name = nameOf(id)
  if (reading === null) throw new NotSent({ kind: 'alreadyThere', because: `${name} is gone.` })
  refuseBusy(name, reading.body)
  for (const undo of undoes)
    if (undo.kind === 'putResource' && undo.body !== null && !shows(reading.body, undo.body))
      throw new NotSent({ kind: 'stale', detail: `${name} has been changed since the plan was made.` })
}

function refuseUpgrade(id: string, reading: ResourceReading | null): void {
  if (reading === null)
    throw new NotSent({ kind: 'stale', detail: `The pool ${nameOf(id)} does not exist any more.` })
  refuseBusy(nameOf(id), reading.body)
}

function refuseBusy(what: string, body: JsonObject): void {
  const state = valueAtPointer(body, '/properties/provisioningState')
  // A resource that has failed can be written again, and often that is what mends it.
  if (typeof state === 'string' && /ing$/i.test(state)) throw new NotSent({ kind: 'busy', what, state })
}
