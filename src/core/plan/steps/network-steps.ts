import type { Step } from '../../../contract/steps.ts'
import { NETWORK_API_VERSION, writeApiVersion } from '../../arm/api-versions.ts'
import { lastSegment } from '../../arm/resource-id.ts'
import type { Detachment } from '../../cleanup/detachments.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import { isCidr } from '../../lib/cidr.ts'
import { isObject } from '../../lib/json.ts'
import type { ResourceWrite } from '../../preparation/preparation.ts'
import { RANGES_PATH } from '../../target/cluster-patch.ts'
import { PROVISIONED, type StepDraft } from './cluster-steps.ts'

/** New resources: made first, when nothing depends on them yet. */
export function creationSteps({ preparation }: PlanningContext): StepDraft[] {
  return preparation.writes.filter((write) => !write.movesTraffic).map(toStep)
}

/** What moves the traffic: after the new addresses are authorized, and one by one (SUBNET_WRITE_SERIAL). */
export function cutOverSteps({ preparation }: PlanningContext): StepDraft[] {
  return preparation.writes.filter((write) => write.movesTraffic).map(toStep)
}

function toStep(write: ResourceWrite): StepDraft {
  const { id, body, changes, former } = write
  const apiVersion = NETWORK_API_VERSION
  const isNew = body !== null
  return {
    key: `prepare-${write.key}`,
    title: write.title,
    does: { kind: 'putResource', id, apiVersion, body, changes, former },
    expects: [PROVISIONED, ...changes.flatMap(expected)],
    undo: isNew
      ? deletion(write)
      : `Write the former values back to ${lastSegment(id)}; traffic moves back at that moment.`,
    undoes: isNew
      ? [{ kind: 'deleteResource', id, apiVersion }]
      : [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** A table or gateway in use is safe from its deletion; a route is not. */
function deletion({ id, movesTraffic }: ResourceWrite): string {
  return movesTraffic
    ? `Delete ${lastSegment(id)} again. Azure does not refuse that, and traffic leaves this path at that moment.`
    : `Delete ${lastSegment(id)} again; while it is attached to something, Azure refuses that.`
}

function expected(change: ResourceWrite['changes'][number]): Step['expects'] {
  if (change.op === 'remove') return [{ path: change.path, absent: true }]
  if (change.op !== 'set') return []
  const { path, value } = change
  // ARM may show more of a referenced resource than its id.
  return isObject(value) && 'id' in value
    ? [{ path: `${path}/id`, equals: value.id ?? null }]
    : [{ path, equals: value }]
}

/** Taking off what shadows the present type, one by one (SUBNET_WRITE_SERIAL). */
export function detachSteps({ cleanUp }: PlanningContext): StepDraft[] {
  return cleanUp.detachments.map((detachment, index) => detachStep(detachment, index + 1))
}

function detachStep({ id, title, does }: Detachment, number: number): StepDraft {
  const key = `clean-up-detach-${number}` as const
  const apiVersion = NETWORK_API_VERSION
  if (does.kind === 'delete')
    return {
      key,
      title,
      does: { kind: 'deleteResource', id, apiVersion },
      expects: [],
      undo: 'Make the route again as it was.',
      undoes: [{ kind: 'putResource', id, apiVersion, body: does.body, changes: [], former: [] }],
    }
  const { changes, former } = does
  return {
    key,
    title,
    does: { kind: 'putResource', id, apiVersion, body: null, changes, former },
    expects: [PROVISIONED, ...changes.map(({ path }) => ({ path, absent: true as const }))],
    undo: `Write the former values back to ${lastSegment(id)}.`,
    undoes: [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** What nothing uses any more goes last, and the ranges are narrowed after everything else is seen to work. */
export function removalSteps({ cleanUp, to, policy, snapshot, ranges }: PlanningContext): StepDraft[] {
  const deletions = cleanUp.delete.map(
    (id, index): StepDraft => ({
      key: `clean-up-delete-${index + 1}`,
      title: `Delete ${lastSegment(id)}, which a job of this service had made`,
      does: { kind: 'deleteResource', id, apiVersion: NETWORK_API_VERSION },
      expects: [],
      undo: /\/publicIP/i.test(id)
        ? 'A public address that is deleted does not come back.'
        : `A plan with prepare makes ${lastSegment(id)} again.`,
      undoes: [],
    }),
  )
  if (cleanUp.narrow.length === 0) return deletions
  const apiVersion = writeApiVersion(to, policy.previewApiVersion)
  const cidrs = cleanUp.narrow
  const narrow: StepDraft = {
    key: 'clean-up-narrow-authorized-ranges',
    title: `Take ${cidrs.join(', ')} out of the authorized ranges of the API server`,
    does: { kind: 'updateCluster', apiVersion, changes: [{ op: 'subtractCidrs', path: RANGES_PATH, cidrs }] },
    // Without what the list is to lack, a write that never left would be taken for done.
    expects: [
      PROVISIONED,
      {
        path: RANGES_PATH,
        coversCidrs: remainingRanges(snapshot.cluster.authorizedIPRanges, cidrs, ranges.add),
        lacksCidrs: cidrs,
      },
    ],
    undo: `Add ${cidrs.join(', ')} to the authorized ranges again.`,
    undoes: [
      { kind: 'updateCluster', apiVersion, changes: [{ op: 'unionCidrs', path: RANGES_PATH, cidrs }] },
    ],
  }
  return [...deletions, narrow]
}

/** What stays of the list, as far as it can be compared: names of services are no addresses. */
function remainingRanges(current: string[], narrow: string[], add: string[]): string[] {
  return [...current.filter((entry) => isCidr(entry) && !narrow.includes(entry)), ...add]
}
