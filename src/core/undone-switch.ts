import { writeApiVersion } from './api-version.ts'
import { valueAt } from './cluster-values.ts'
import type { FieldChange } from './cluster-write.ts'
import { fieldChanges } from './field-changes.ts'
import type { StepAction } from './plan-steps.ts'
import { plannedFields } from './planned-fields.ts'
import type { PlanningContext } from './planning-context.ts'

/**
 * The write that brings every field of the switch back to what the cluster shows now; empty where the matrix has
 * no way back. What AKS has released by then does not come back with it (rulebook ROLLBACK_NEW_IPS).
 */
export function undoneSwitch(context: PlanningContext): StepAction[] {
  const { from, to, target, transition, policy, snapshot } = context
  if (from === null || (from !== to && transition?.reversible !== true)) return []
  const changed = from === to ? plannedFields(context) : fieldChanges(target)
  const changes = changed.flatMap((field): FieldChange[] => {
    const value = valueAt(snapshot.cluster, field.path)
    return [value === null ? { op: 'remove', path: field.path } : { op: 'set', path: field.path, value }]
  })
  return [{ kind: 'updateCluster', apiVersion: writeApiVersion(from, policy.previewApiVersion), changes }]
}
