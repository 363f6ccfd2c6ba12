import { isObject } from '../../../contract/json.ts'
import type { Step } from '../../../contract/steps.ts'
import { NETWORK_API_VERSION, writeApiVersion } from '../../arm/outbound-type.ts'
import { lastSegment } from '../../arm/resource-id.ts'
import type { Detachment } from '../../cleanup/detachments.ts'
import type { PlanningContext } from '../../context/planning-context.ts'
import { isCidr } from '../../lib/cidr.ts'
import type { ResourceWrite } from '../../preparation/preparation.ts'
import { RANGES_PATH } from '../../target/cluster-patch.ts'
import { PROVISIONED, type StepDraft } from './cluster-steps.ts'

/** The steps that create new resources. They come first, when nothing depends on the resources yet. */
export function creationSteps(context: PlanningContext): StepDraft[] {
  const writes = context.preparation.writes.filter(({ isAttachment }) => isAttachment !== true)
  return writes.map((write) => toStep(write, context))
}

/** The steps that attach the new resources: after the new addresses are authorized, one step at a time (SUBNET_WRITE_SERIAL). */
export function cutOverSteps(context: PlanningContext): StepDraft[] {
  const writes = context.preparation.writes.filter(({ isAttachment }) => isAttachment === true)
  return writes.map((write) => toStep(write, context))
}

function toStep(write: ResourceWrite, { from, to }: PlanningContext): StepDraft {
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
      : `Restore the previous values of ${subnetOrRoute(id)}.${write.movesTraffic === true ? ` Traffic moves back immediately${from === to ? '' : ' if the outbound type has not changed yet'}.` : ''}`,
    undoes: isNew
      ? [{ kind: 'deleteResource', id, apiVersion }]
      : [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** Azure rejects the deletion of a route table or gateway in use, but not of a route. */
function deletion({ id, isAttachment, movesTraffic }: ResourceWrite): string {
  if (isAttachment !== true)
    return `Delete ${lastSegment(id)}. Azure rejects the deletion while the resource is attached.`
  return movesTraffic === true
    ? `Delete ${lastSegment(id)}. Azure allows the deletion while the resource is in use, and traffic leaves this path immediately.`
    : `Delete ${lastSegment(id)}.`
}

function expected(change: ResourceWrite['changes'][number]): Step['expects'] {
  if (change.op === 'remove') return [{ path: change.path, absent: true }]
  if (change.op !== 'set') return []
  const { path, value } = change
  // ARM may show more members of a referenced resource than its ID.
  return isObject(value) && 'id' in value
    ? [{ path: `${path}/id`, equals: value.id ?? null }]
    : [{ path, equals: value }]
}

/** Detaches resources that override the current outbound type, one resource at a time (SUBNET_WRITE_SERIAL). */
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
      undo: 'Recreate the route with its previous values.',
      undoes: [{ kind: 'putResource', id, apiVersion, body: does.body, changes: [], former: [] }],
    }
  const { changes, former } = does
  return {
    key,
    title,
    does: { kind: 'putResource', id, apiVersion, body: null, changes, former },
    expects: [PROVISIONED, ...changes.map(({ path }) => ({ path, absent: true as const }))],
    undo: `Restore the previous values of ${subnetOrRoute(id)}.`,
    undoes: [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** The plan updates no other resources of the network. */
function subnetOrRoute(id: string): string {
  return `${/\/subnets\//i.test(id) ? 'subnet' : 'route'} ${lastSegment(id)}`
}

/** Deletes unused resources after all other steps. The ranges are narrowed last, when everything else has succeeded. */
export function removalSteps({ cleanUp, to, policy, snapshot, ranges }: PlanningContext): StepDraft[] {
  const deletions = cleanUp.delete.map(
    (id, index): StepDraft => ({
      key: `clean-up-delete-${index + 1}`,
      title: `Delete ${lastSegment(id)}, which a job of this service created`,
      does: { kind: 'deleteResource', id, apiVersion: NETWORK_API_VERSION },
      expects: [],
      undo: /\/publicIP/i.test(id)
        ? 'Cannot be undone: a deleted public address cannot be recovered.'
        : `Execute a plan with \`prepare\` to recreate ${lastSegment(id)}.`,
      undoes: [],
    }),
  )
  if (cleanUp.narrow.length === 0) return deletions
  const apiVersion = writeApiVersion(to, policy.previewApiVersion)
  const cidrs = cleanUp.narrow
  const narrow: StepDraft = {
    key: 'clean-up-narrow-authorized-ranges',
    title: `Remove ${cidrs.join(', ')} from the authorized IP ranges of the API server`,
    does: { kind: 'updateCluster', apiVersion, changes: [{ op: 'subtractCidrs', path: RANGES_PATH, cidrs }] },
    // The expectation also names the entries that the list must not contain. Otherwise, a write that was never sent would count as done.
    expects: [
      PROVISIONED,
      {
        path: RANGES_PATH,
        coversCidrs: remainingRanges(snapshot.cluster.authorizedIPRanges, cidrs, ranges.add),
        lacksCidrs: cidrs,
      },
    ],
    undo: `Add ${cidrs.join(', ')} back to the authorized IP ranges.`,
    undoes: [
      { kind: 'updateCluster', apiVersion, changes: [{ op: 'unionCidrs', path: RANGES_PATH, cidrs }] },
    ],
  }
  return [...deletions, narrow]
}

/** The remaining entries of the list that can be compared. Service tags cannot, because they are not addresses. */
function remainingRanges(current: string[], narrow: string[], add: string[]): string[] {
  return [...current.filter((entry) => isCidr(entry) && !narrow.includes(entry)), ...add]
}
