import type { Json } from '../json.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { ResourceWrite } from '../preparation/preparation.ts'
import { parseResourceId } from '../resource-id.ts'
import { change } from './change.ts'

/** What the plan itself makes or attaches before the cut-over; all of it is the user's own and stays. */
export function preparedResources({ preparation }: PlanningContext): ResourceChange[] {
  return preparation.writes.map((write) => ({
    ...change({
      action: write.body !== null ? 'create' : isAttachment(write) ? 'attach' : 'update',
      type: parseResourceId(write.id)?.type ?? '',
      id: write.id,
      owner: 'user',
      because: write.because,
      confidence: write.movesTraffic ? 'inferred' : 'documented',
      properties: write.changes.map((each) => ({
        path: each.path,
        before: former(write, each.path),
        after: each.op === 'set' ? each.value : null,
      })),
    }),
  }))
}

function isAttachment(write: ResourceWrite): boolean {
  return /\/subnets\/[^/]+$/i.test(write.id)
}

function former(write: ResourceWrite, path: string): Json {
  const found = write.former.find((each) => each.path === path)
  return found?.op === 'set' ? found.value : null
}
