import type { PlanningContext } from '../planning-context.ts'
import { placeFor } from '../preparation/place.ts'
import type { ResourceWrite } from '../preparation/preparation.ts'
import { TYPES } from '../resource-changes/change.ts'
import { parseResourceId, routeTableOf } from '../resource-id.ts'

/**
 * What this service must be allowed to prepare (rulebook 8: subnets/write plus join on what the body refers to;
 * inferred from ARM's linked access checks). New resources are asked about on their resource group.
 */
export function preparationActions({
  preparation,
  request,
  snapshot,
}: PlanningContext): { scope: string; action: string }[] {
  if (preparation.writes.length === 0) return []
  const { group } = placeFor(request, snapshot.cluster)
  return preparation.writes.flatMap((write) => {
    const type = parseResourceId(write.id)?.type ?? ''
    const scope = scopeOf(write, type, group)
    return [
      { scope, action: `${type}/write` },
      ...joins(write, type).map((action) => ({ scope: group, action })),
    ]
  })
}

/** A route counts as a part of its table, which is there whether the route is or not. */
function scopeOf({ id, body }: ResourceWrite, type: string, group: string): string {
  if (type === TYPES.route) return routeTableOf(id)
  return body === null ? id : group
}

function joins(write: ResourceWrite, type: string): string[] {
  if (type === TYPES.natGateway) return [`${TYPES.publicIp}/join/action`]
  if (type !== TYPES.subnet) return []
  const paths = write.changes.map(({ path }) => path)
  if (paths.includes('/properties/natGateway')) return [`${TYPES.natGateway}/join/action`]
  return paths.includes('/properties/routeTable') ? [`${TYPES.routeTable}/join/action`] : []
}
