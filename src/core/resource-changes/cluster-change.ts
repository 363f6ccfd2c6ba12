import { valueAt } from '../cluster-values.ts'
import type { FieldChange } from '../cluster-write.ts'
import { RANGES_PATH } from '../field-changes.ts'
import type { Json } from '../json.ts'
import type { ResourceChange } from '../plan.ts'
import { plannedFields } from '../planned-fields.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { change, TYPES } from './change.ts'

/** The managed cluster's own body, field by field: exactly what the job's PUTs alter. */
export function clusterChange(context: PlanningContext): ResourceChange {
  const { cluster } = context.snapshot
  return change({
    action: 'update',
    type: TYPES.cluster,
    id: cluster.id,
    owner: 'user',
    because: 'The plan writes these fields and sends everything else back as it was read.',
    confidence: 'documented',
    properties: [...plannedFields(context).map((field) => property(field, cluster)), ...ranges(context)],
  })
}

function property(field: FieldChange, cluster: ClusterFacts): ResourceChange['properties'][number] {
  const after: Json = field.op === 'set' ? field.value : null
  return { path: field.path, before: valueAt(cluster, field.path), after }
}

function ranges(context: PlanningContext): ResourceChange['properties'] {
  const { add, current } = context.ranges
  return add.length === 0 ? [] : [{ path: RANGES_PATH, before: current, after: [...current, ...add] }]
}
