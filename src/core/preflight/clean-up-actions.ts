import type { PlanningContext } from '../planning-context.ts'
import { TYPES } from '../resource-changes/change.ts'
import { parseResourceId, routeTableOf } from '../resource-id.ts'

/** What this service must be allowed to clean up: subnets are written, routes and what a job had made are deleted. */
export function cleanUpActions({ cleanUp }: PlanningContext): { scope: string; action: string }[] {
  return [
    ...cleanUp.detachments.map(({ id, does }) =>
      does.kind === 'alter'
        ? { scope: id, action: `${TYPES.subnet}/write` }
        : { scope: routeTableOf(id), action: `${TYPES.route}/delete` },
    ),
    ...cleanUp.delete.flatMap((id) => {
      const type = parseResourceId(id)?.type
      return type === undefined ? [] : [{ scope: id, action: `${type}/delete` }]
    }),
  ]
}
