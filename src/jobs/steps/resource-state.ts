import type { ResourceReading } from '../../azure/arm.ts'
import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { PreparedAddress } from '../../contract/job.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { FieldChange, Step } from '../../contract/steps.ts'
import { equalsArm } from '../../core/arm/words.ts'
import { isObject, valueAtPointer } from '../../core/lib/json.ts'

import type { JobsDeps } from '../deps.ts'

/** The resource that the step writes, as it is; null when there is none. */
export async function readStepResource(deps: JobsDeps, step: Step): Promise<ResourceReading | null> {
  const { does } = step
  if (does.kind !== 'putResource' && does.kind !== 'deleteResource' && does.kind !== 'upgradeNodeImage')
    throw new Error('not a step that writes a resource')
  try {
    return await deps.arm.getResource(does.id, does.apiVersion)
  } catch (error) {
    if (error instanceof ArmFault && error.kind === 'not-found') return null
    throw error
  }
}

/** Whether every changed field shows its new value; what ARM shows beside it does not matter. */
export function containsChanges(body: JsonObject, changes: FieldChange[]): boolean {
  return changes.every((change) => {
    const found = valueAtPointer(body, change.path)
    if (change.op === 'remove') return found === null
    return change.op === 'set' && containsSent(found, change.value)
  })
}

/** Whether everything that was sent is there; text is compared without case, as ARM compares ids. */
export function containsSent(found: Json | undefined, sent: Json): boolean {
  if (typeof sent === 'string') return typeof found === 'string' && equalsArm(found, sent)
  if (typeof sent !== 'object' || sent === null) return found === sent
  if (Array.isArray(sent))
    return Array.isArray(found) && sent.every((item, index) => containsSent(found[index] ?? null, item))
  if (!isObject(found)) return false
  return Object.entries(sent).every(
    ([name, value]) => value === undefined || containsSent(found[name], value),
  )
}

/** The address that a public IP or prefix has got; empty for anything else. */
export function toPreparedAddresses(id: string, body: JsonObject): PreparedAddress[] {
  const address =
    valueAtPointer(body, '/properties/ipAddress') ?? valueAtPointer(body, '/properties/ipPrefix')
  return typeof address === 'string' ? [{ resourceId: id, address }] : []
}
