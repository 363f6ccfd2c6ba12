import { writeApiVersion } from './api-version.ts'
import type { FieldChange } from './cluster-write.ts'
import { RANGES_PATH } from './field-changes.ts'
import type { Expectation } from './plan-steps.ts'
import type { PlanningContext } from './planning-context.ts'
import { nameOf } from './resource-id.ts'
import { provisioned, type StepDraft } from './step-draft.ts'

/** Adds the new egress to the authorized ranges: addresses that are known, and those that the plan has just made. */
export function widen({ ranges, from, policy }: PlanningContext): StepDraft {
  const { add: cidrs, addPrepared: resourceIds } = ranges
  const apiVersion = writeApiVersion(from, policy.previewApiVersion)
  const added = [...cidrs, ...resourceIds.map((id) => `the address of ${nameOf(id)}`)].join(', ')
  const changes: FieldChange[] = []
  const undone: FieldChange[] = []
  const covered: Expectation[] = []
  if (cidrs.length > 0) {
    changes.push({ op: 'unionCidrs', path: RANGES_PATH, cidrs })
    undone.push({ op: 'subtractCidrs', path: RANGES_PATH, cidrs })
    covered.push({ path: RANGES_PATH, coversCidrs: cidrs })
  }
  if (resourceIds.length > 0) {
    changes.push({ op: 'unionAddressesOf', path: RANGES_PATH, resourceIds })
    undone.push({ op: 'subtractAddressesOf', path: RANGES_PATH, resourceIds })
    covered.push({ path: RANGES_PATH, coversAddressesOf: resourceIds })
  }
  return {
    key: 'widen-authorized-ranges',
    title: `Add ${added} to the authorized ranges of the API server`,
    does: { kind: 'updateCluster', apiVersion, changes },
    expects: [...covered, provisioned()],
    undo: `Take ${added} out of the authorized ranges again.`,
    undoes: [{ kind: 'updateCluster', apiVersion, changes: undone }],
  }
}
