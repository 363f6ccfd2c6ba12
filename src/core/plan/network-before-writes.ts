import { isObject, type JsonObject } from '../../contract/json.ts'
import type { FieldChange, StepAction } from '../../contract/steps.ts'
import { idKey, isRoute, lastSegment, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { routeBody, routeFacts } from '../egress/routes.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/**
 * The network as it was before these steps: without created resources, and with the former subnets and routes. The
 * preparations of a plan can precede its cutover.
 */
export function withoutWrites(snapshot: Snapshot, done: readonly StepAction[]): Snapshot {
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
  return {
    ...snapshot,
    subnets,
    publicIps: omitKeys(snapshot.publicIps, created),
    publicIpPrefixes: omitKeys(snapshot.publicIpPrefixes, created),
    natGateways: omitKeys(snapshot.natGateways, created),
    routeTables: omitKeys(written.reduce(withFormerRoute, snapshot.routeTables), created),
  }
}

function omitKeys<T>(items: Record<string, T>, keys: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(items).filter(([key]) => !keys.has(key)))
}

function withFormerRoute(
  tables: Snapshot['routeTables'],
  { id, body, former }: Extract<StepAction, { kind: 'putResource' }>,
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
