import { writeApiVersion } from '../api-version.ts'
import { isCidr } from '../cidr.ts'
import { RANGES_PATH } from '../field-changes.ts'
import type { PlanningContext } from '../planning-context.ts'
import { NETWORK_API_VERSION } from '../preparation/preparation-steps.ts'
import { nameOf } from '../resource-id.ts'
import { provisioned, type StepDraft } from '../step-draft.ts'
import type { Detachment } from './detachment.ts'

/** Taking off what shadows the present type, one by one (SUBNET_WRITE_SERIAL). */
export function detachSteps({ cleanUp }: PlanningContext): StepDraft[] {
  return cleanUp.detachments.map((each, index) => detachStep(each, index + 1))
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
    expects: [provisioned(), ...changes.map(({ path }) => ({ path, absent: true as const }))],
    undo: `Write the former values back to ${nameOf(id)}.`,
    undoes: [{ kind: 'putResource', id, apiVersion, body: null, changes: former, former: changes }],
  }
}

/** What nothing uses any more goes last, and the ranges are narrowed after everything else is seen to work. */
export function removalSteps({ cleanUp, to, policy, snapshot, ranges }: PlanningContext): StepDraft[] {
  const deletions = cleanUp.delete.map(
    (id, index): StepDraft => ({
      key: `clean-up-delete-${index + 1}`,
      title: `Delete ${nameOf(id)}, which a job of this service had made`,
      does: { kind: 'deleteResource', id, apiVersion: NETWORK_API_VERSION },
      expects: [],
      undo: /\/publicIP/i.test(id)
        ? 'A public address that is deleted does not come back.'
        : `A plan with prepare makes ${nameOf(id)} again.`,
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
      provisioned(),
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
