import { isObject, type JsonObject } from '../../contract/json.ts'
import type { FieldChange, Step, StepAction } from '../../contract/steps.ts'
import { idKey, isRoute, lastSegment, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { routeBody, routeFacts } from '../egress/routes.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

type Put = Extract<StepAction, { kind: 'putResource' }>

/** An executed step. */
export type DoneStep = Pick<Step, 'does' | 'undoes'>

/**
 * The network as it was before these steps: without created resources, and with the former subnets and routes. The
 * preparations and detachments of a plan can precede its cutover.
 */
export function withoutWrites(snapshot: Snapshot, steps: readonly DoneStep[]): Snapshot {
  const done = steps.map(({ does }) => does)
  const created = new Set(
    done.flatMap((does) => (does.kind === 'putResource' && does.body !== null ? [idKey(does.id)] : [])),
  )
  const written = done.flatMap((does) => (does.kind === 'putResource' && isRoute(does.id) ? [does] : []))
  const formerOf = new Map(
    done.flatMap((does) =>
      does.kind === 'putResource' && does.body === null ? [[idKey(does.id), does.former]] : [],
    ),
  )
  const subnets = snapshot.subnets.map((subnet) => {
    const former = formerOf.get(idKey(subnet.id)) ?? []
    return {
      ...subnet,
      natGatewayId: formerId(former, '/properties/natGateway', subnet.natGatewayId),
      routeTableId: formerId(former, '/properties/routeTable', subnet.routeTableId),
    }
  })
  const deleted = steps.flatMap(({ does, undoes }) =>
    does.kind === 'deleteResource' && isRoute(does.id)
      ? undoes.filter((action) => action.kind === 'putResource')
      : [],
  )
  const former = written.reduce(withFormerRoute, snapshot.routeTables)
  return {
    ...snapshot,
    subnets,
    publicIps: omitKeys(snapshot.publicIps, created),
    publicIpPrefixes: omitKeys(snapshot.publicIpPrefixes, created),
    natGateways: omitKeys(snapshot.natGateways, created),
    routeTables: omitKeys(deleted.reduce(withDeletedRoute, former), created),
  }
}

function omitKeys<T>(items: Record<string, T>, keys: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(items).filter(([key]) => !keys.has(key)))
}

function withDeletedRoute(tables: Snapshot['routeTables'], { id, body }: Put): Snapshot['routeTables'] {
  const key = idKey(routeTableOf(id))
  const table = tables[key]
  const name = lastSegment(id)
  if (table === undefined || body === null) return tables
  if (table.routes.some((route) => equalsArm(route.name, name))) return tables
  return { ...tables, [key]: { ...table, routes: [...table.routes, routeFacts(name, body)] } }
}

function withFormerRoute(
  tables: Snapshot['routeTables'],
  { id, body, former }: Put,
): Snapshot['routeTables'] {
  const key = idKey(routeTableOf(id))
  const table = tables[key]
  if (table === undefined) return tables
  const routes = table.routes.flatMap((route) => {
    if (!equalsArm(route.name, lastSegment(id))) return [route]
    if (body !== null) return []
    const properties = new Map(Object.entries(routeBody(route).properties as JsonObject))
    for (const change of former) {
      const field = lastSegment(change.path)
      if (change.op === 'set') properties.set(field, change.value)
      else properties.delete(field)
    }
    return [routeFacts(route.name, { properties: Object.fromEntries(properties) })]
  })
  return { ...tables, [key]: { ...table, routes } }
}

function formerId(former: readonly FieldChange[], path: string, present: string | null): string | null {
  const change = former.find((item) => item.path === path)
  if (change?.op === 'remove') return null
  if (change?.op !== 'set') return present
  const { value } = change
  return isObject(value) && typeof value.id === 'string' ? value.id : present
}
