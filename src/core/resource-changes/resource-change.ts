import type { ResourceChange } from '../../contract/plan.ts'
import { lastSegment } from '../arm/resource-id.ts'

/** A change with the usual values filled in; `because` and `confidence` are always said. */
export function buildChange(
  given: Pick<ResourceChange, 'action' | 'type' | 'because' | 'confidence'> & Partial<ResourceChange>,
): ResourceChange {
  const id = given.id ?? null
  return {
    action: given.action,
    type: given.type,
    id,
    name: given.name ?? (id === null ? null : lastSegment(id)),
    owner: given.owner ?? 'aks',
    count: given.count ?? 1,
    knownAt: id === null ? 'apply' : 'plan',
    because: given.because,
    confidence: given.confidence,
    properties: given.properties ?? [],
  }
}
