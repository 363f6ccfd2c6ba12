import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { parseResourceId } from '../resource-id.ts'
import { change } from './change.ts'

/** What a clean-up takes off or deletes. */
export function cleanedResources({ cleanUp }: PlanningContext): ResourceChange[] {
  const typeOf = (id: string) => parseResourceId(id)?.type ?? ''
  return [
    ...cleanUp.detachments.map(({ id, does, movesTraffic }) =>
      change({
        action: does.kind === 'delete' ? 'delete' : 'detach',
        type: typeOf(id),
        id,
        owner: 'user',
        because: movesTraffic
          ? 'It outranks the present outbound type, which carries nothing as long as it is there.'
          : 'The present outbound type has no use for it.',
        confidence: 'documented',
      }),
    ),
    ...cleanUp.delete.map((id) =>
      change({
        action: 'delete',
        type: typeOf(id),
        id,
        owner: 'user',
        because: 'A job of this service had made it for a change that is not in force.',
        confidence: 'documented',
      }),
    ),
  ]
}
