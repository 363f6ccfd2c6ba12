import { valueAt } from './cluster-values.ts'
import type { FieldChange } from './cluster-write.ts'
import { fieldChanges, LOAD_BALANCER_PATH, NAT_GATEWAY_PATH } from './field-changes.ts'
import type { ClusterFacts } from './snapshot.ts'
import type { Target } from './target.ts'

/**
 * The target's fields that differ from what the cluster shows. Leftovers of a profile that the service
 * keeps after a former change (ports and time-out of a load balancer that was left; recordings 1 and 2)
 * are taken out too: a body may hold no profile of another type.
 */
export function plannedFields(context: {
  snapshot: { cluster: ClusterFacts }
  target: Target
}): FieldChange[] {
  return differingFields(context.target, context.snapshot.cluster)
}

/** As `plannedFields`, from the cluster alone. */
export function differingFields(target: Target, cluster: ClusterFacts): FieldChange[] {
  return fieldChanges(target).filter((field) => {
    const before = valueAt(cluster, field.path)
    return field.op === 'set' ? !sameValue(before, field.value) : before !== null
  })
}

/** Whether the wanted target is what the cluster has already; leftovers of other profiles do not count. */
export function isAlreadyReached(target: Target, cluster: ClusterFacts): boolean {
  return differingFields(target, cluster).every(
    (field) => field.op === 'remove' && isWholeProfile(field.path),
  )
}

function isWholeProfile(path: string): boolean {
  return path === LOAD_BALANCER_PATH || path === NAT_GATEWAY_PATH
}

function sameValue(before: unknown, after: unknown): boolean {
  const text = (value: unknown) => JSON.stringify(value)?.toLowerCase()
  return text(before) === text(after)
}
