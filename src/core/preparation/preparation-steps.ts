import type { Step } from '../plan-steps.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { ResourceWrite } from './preparation.ts'

/**
 * The API version of writes to Microsoft.Network: the newest that recordings show, so that a subnet that is read
 * and written back loses nothing (recordings/network__test_natgateway_nat64).
 */
export const NETWORK_API_VERSION = '2025-07-01'

type StepDraft = Omit<Step, 'requires'>

/** New resources: made first, when nothing depends on them yet. */
export function creationSteps({ preparation }: PlanningContext): StepDraft[] {
  return preparation.writes.filter((each) => !each.movesTraffic).map(toStep)
}

/** What moves the traffic: after the new addresses are authorized, and one by one (SUBNET_WRITE_SERIAL). */
export function cutOverSteps({ preparation }: PlanningContext): StepDraft[] {
  return preparation.writes.filter((each) => each.movesTraffic).map(toStep)
}

function toStep(write: ResourceWrite): StepDraft {
  const { id, body, changes, former } = write
  const apiVersion = NETWORK_API_VERSION
  const isNew = body !== null
  return {
    key: `prepare-${write.key}`,
    title: write.title,
    does: { kind: 'putResource', id, apiVersion, body, changes, former },
    expects: [{ path: '/properties/provisioningState', equals: 'Succeeded' }, ...changes.flatMap(expected)],
    undo: isNew
      ? deletion(write)
      : `Write the former values back to ${nameOf(id)}; traffic moves back at that moment.`,
    undoes: isNew
      ? [{ kind: 'deleteResource', id, apiVersion }]
      : [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** A table or gateway in use is safe from its deletion; a route is not. */
function deletion({ id, movesTraffic }: ResourceWrite): string {
  return movesTraffic
    ? `Delete ${nameOf(id)} again. Azure does not refuse that, and traffic leaves this path at that moment.`
    : `Delete ${nameOf(id)} again; while it is attached to something, Azure refuses that.`
}

function expected(change: ResourceWrite['changes'][number]): Step['expects'] {
  if (change.op === 'remove') return [{ path: change.path, absent: true }]
  if (change.op !== 'set') return []
  const { path, value } = change
  // ARM may show more of a referenced resource than its id.
  const isReference = typeof value === 'object' && value !== null && !Array.isArray(value) && 'id' in value
  return isReference ? [{ path: `${path}/id`, equals: value.id ?? null }] : [{ path, equals: value }]
}
