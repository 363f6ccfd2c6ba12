import type { Detachment } from '../clean-up/detachment.ts'
import { RANGES_PATH } from '../field-changes.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { parseResourceId } from '../resource-id.ts'
import { needsLateAuthorization } from '../steps.ts'
import { change, TYPES } from './change.ts'

/** What the steps of a clean-up write, and nothing beside it: AKS has no part in it, and what stays is no change. */
export function cleanedResources(context: PlanningContext): ResourceChange[] {
  const { detachments, delete: removed } = context.cleanUp
  return [
    ...detachments.map(detached),
    ...removed.map((id) =>
      change({
        action: 'delete',
        type: typeOf(id),
        id,
        owner: 'user',
        because: 'A job of this service had made it for a change that is not in force.',
        confidence: 'documented',
      }),
    ),
    ...rangesWritten(context),
  ]
}

function detached({ id, does, movesTraffic }: Detachment): ResourceChange {
  return change({
    action: does.kind === 'delete' ? 'delete' : 'detach',
    type: typeOf(id),
    id,
    owner: 'user',
    because: movesTraffic
      ? 'It outranks the present outbound type, which carries nothing as long as it is there.'
      : 'The present outbound type has no use for it.',
    confidence: 'documented',
    properties:
      does.kind === 'delete'
        ? []
        : does.former.flatMap((each) =>
            each.op === 'set' ? [{ path: each.path, before: each.value, after: null }] : [],
          ),
  })
}

/** Of the cluster's body a clean-up writes the authorized ranges alone. */
function rangesWritten(context: PlanningContext): ResourceChange[] {
  const { cleanUp, ranges, snapshot } = context
  const isLater = needsLateAuthorization(context)
  if (cleanUp.narrow.length + ranges.add.length === 0 && !isLater) return []
  const after = [...ranges.current.filter((entry) => !cleanUp.narrow.includes(entry)), ...ranges.add]
  const isKnown = cleanUp.narrow.length + ranges.add.length > 0
  return [
    change({
      action: 'update',
      type: TYPES.cluster,
      id: snapshot.cluster.id,
      owner: 'user',
      because: isLater
        ? 'The plan writes the authorized ranges, the addresses that are known only then included, and sends everything else back as it was read.'
        : 'The plan writes the authorized ranges and sends everything else back as it was read.',
      confidence: 'documented',
      properties: isKnown ? [{ path: RANGES_PATH, before: ranges.current, after }] : [],
    }),
  ]
}

function typeOf(id: string): string {
  return parseResourceId(id)?.type ?? ''
}
