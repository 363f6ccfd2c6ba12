import type { ResourceReading } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { PreparedAddress } from '../../contract/job.ts'
import { isObject, type Json, type JsonObject, valueAtPointer } from '../../contract/json.ts'
import type { FieldChange, Step, StepAction } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { knownAddresses, unmetExpectations } from '../../core/job/expectations.ts'
import type { JobsDeps } from '../deps.ts'
import type { StepContext } from './step-context.ts'
import { isOngoing, type TargetReading, WriteNotSentError, type WriteTarget } from './write-target.ts'

type ResourceAction = Extract<StepAction, { id: string }>

/** A network resource or an agent pool as the target of a write: one PUT, DELETE or POST. */
export function resourceTarget(context: StepContext): WriteTarget {
  const { deps, step } = context
  const { does } = step
  if (!('id' in does)) throw new Error('the step does not write a resource')
  return {
    isAbortable: false,
    read: async () => toTargetReading(context, does, await readResource(deps, does)),
    start({ intend, maySend }) {
      const { id, apiVersion } = does
      const beforeSend = async (reading: ResourceReading | null) => {
        assertSendable(step, does, reading)
        await intend(reading?.etag ?? null, [])
      }
      const write = { id, apiVersion, beforeSend, maySend }
      if (does.kind === 'deleteResource') return deps.arm.startResourceDelete(write)
      if (does.kind === 'upgradeNodeImage')
        return deps.arm.startResourceAction({ ...write, action: 'upgradeNodeImageVersion' })
      const { body, changes } = does
      return deps.arm.startResourceWrite({ ...write, body, changes })
    },
  }
}

/** The current body of the resource; null if it does not exist. */
export async function readResource(deps: JobsDeps, action: ResourceAction): Promise<ResourceReading | null> {
  try {
    return await deps.arm.getResource(action.id, action.apiVersion)
  } catch (error) {
    if (error instanceof ArmFault && error.kind === 'not-found') return null
    throw error
  }
}

function toTargetReading(
  context: StepContext,
  does: ResourceAction,
  reading: ResourceReading | null,
): TargetReading {
  const state = provisioningState(reading)
  const isRunning = isOngoing(state)
  return {
    state,
    stateLabel: `The provisioning state of ${lastSegment(does.id)}`,
    isRunning,
    isLagging: isRunning && does.kind !== 'deleteResource',
    trace: () => findTrace(does, reading),
    staleness: () => null,
    mismatches: () => findMismatches(context, does, reading),
    observed() {
      const prepared = reading === null ? [] : toPreparedAddresses(does.id, reading.body)
      return prepared.length === 0 ? null : { prepared }
    },
    warnings: () => [],
  }
}

function provisioningState(reading: ResourceReading | null): string | null {
  const state = reading === null ? null : valueAtPointer(reading.body, '/properties/provisioningState')
  return typeof state === 'string' ? state : null
}

/**
 * The evidence that the write reached the resource. When the write was intended, the resource did not exist, or had the
 * former values and no operation in progress. An upgrade of a node image can be repeated, so only an upgrade in
 * progress counts.
 */
function findTrace(does: ResourceAction, reading: ResourceReading | null): string | null {
  if (reading === null) return does.kind === 'deleteResource' ? 'it no longer exists.' : null
  if (does.kind === 'putResource') {
    if (does.body !== null) return 'it exists.'
    if (containsChanges(reading.body, does.changes)) return 'it shows the target values of the step.'
  }
  const state = provisioningState(reading)
  return isOngoing(state) ? `it is ${state}.` : null
}

function findMismatches(
  { job, step }: StepContext,
  does: ResourceAction,
  reading: ResourceReading | null,
): string[] {
  const name = lastSegment(does.id)
  if (does.kind === 'deleteResource') return reading === null ? [] : [`${name} still exists`]
  if (reading === null) return [`${name} does not exist`]
  const unmet = unmetExpectations(step.expects, reading.body, knownAddresses(job.state))
  const isAsSent = does.kind !== 'putResource' || does.body === null || containsSent(reading.body, does.body)
  return isAsSent ? unmet : [...unmet, `${name} differs from what the step wrote`]
}

/** Throws `WriteNotSentError` if the resource has changed since the plan, or already has the target values. */
function assertSendable({ undoes }: Step, does: ResourceAction, reading: ResourceReading | null): void {
  const name = lastSegment(does.id)
  const stale = (detail: string) => new WriteNotSentError({ kind: 'fail', code: 'PLAN_STALE', detail })
  const adopted = (because: string) => new WriteNotSentError({ kind: 'writeAdopted', because })
  if (does.kind === 'putResource' && does.body !== null) {
    if (reading !== null) throw adopted(`${name} already exists.`)
    return
  }
  if (reading === null) {
    if (does.kind === 'deleteResource') throw adopted(`${name} no longer exists.`)
    throw stale(`${does.kind === 'upgradeNodeImage' ? 'The pool ' : ''}${name} no longer exists.`)
  }
  const { body } = reading
  if (does.kind === 'putResource' && containsChanges(body, does.changes))
    throw adopted(`${name} already shows the target values.`)
  const state = provisioningState(reading)
  const power = valueAtPointer(body, '/properties/powerState/code')
  if (does.kind === 'upgradeNodeImage' && typeof power === 'string' && !equalsArm(power, 'Running'))
    throw stale(`The pool ${name} is ${power.toLowerCase()}, so its nodes are not upgraded.`)
  // A failed resource can be written, which often repairs it.
  if (state !== null && isOngoing(state)) throw new WriteNotSentError({ kind: 'busy', name, state })
  // A resource is deleted only if the rollback would restore its current values.
  const isAsPlanned =
    does.kind === 'putResource'
      ? containsChanges(body, does.former)
      : undoes.every(
          (undo) => undo.kind !== 'putResource' || undo.body === null || containsSent(body, undo.body),
        )
  if (!isAsPlanned) throw stale(`${name} has changed since the plan was created.`)
}

/** Whether every changed field shows its new value; other fields do not matter. */
function containsChanges(body: JsonObject, changes: FieldChange[]): boolean {
  return changes.every((change) => {
    const value = valueAtPointer(body, change.path)
    if (change.op === 'remove') return value === null
    return change.op === 'set' && containsSent(value, change.value)
  })
}

/** Whether the value contains everything that was sent. Text is compared ignoring case, because ARM ignores the case of IDs. */
export function containsSent(value: Json | undefined, sent: Json): boolean {
  if (typeof sent === 'string') return typeof value === 'string' && equalsArm(value, sent)
  if (typeof sent !== 'object' || sent === null) return value === sent
  if (Array.isArray(sent))
    return Array.isArray(value) && sent.every((item, index) => containsSent(value[index] ?? null, item))
  if (!isObject(value)) return false
  return Object.entries(sent).every(([name, item]) => item === undefined || containsSent(value[name], item))
}

/** The address of a public IP address or prefix; empty for any other resource. */
export function toPreparedAddresses(id: string, body: JsonObject): PreparedAddress[] {
  const address =
    valueAtPointer(body, '/properties/ipAddress') ?? valueAtPointer(body, '/properties/ipPrefix')
  return typeof address === 'string' ? [{ resourceId: id, address }] : []
}
