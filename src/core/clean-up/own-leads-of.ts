import { valueAtPointer } from '../job/check-expectations.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { RouteFacts } from '../network-facts.ts'
import type { Step, StepAction } from '../plan-steps.ts'
import { idKey, isRoute, nameOf, routeTableOf } from '../resource-id.ts'
import type { OwnLead } from './own-lead.ts'

type Put = Extract<StepAction, { kind: 'putResource' }>

/** What these steps have put in the packets' way: gateways and tables on subnets, and default routes. */
export function ownLeadsOf(written: Step[]): OwnLead[] {
  const puts = written.flatMap(({ does }) => (does.kind === 'putResource' ? [does] : []))
  return puts.flatMap((put) => (isRoute(put.id) ? routeOf(put) : attachmentsOf(put, puts)))
}

function routeOf({ id, body, changes }: Put): OwnLead[] {
  const tableId = routeTableOf(id)
  if (body !== null)
    return [{ kind: 'defaultRoute', tableId, route: routeFacts(nameOf(id), body), isMade: true }]
  const setTo = (field: string) => {
    const change = changes.find(({ path }) => path === `/properties/${field}`)
    return change?.op === 'set' ? change.value : null
  }
  const properties = {
    addressPrefix: '0.0.0.0/0',
    nextHopType: setTo('nextHopType'),
    nextHopIpAddress: setTo('nextHopIpAddress'),
  }
  const route = routeFacts(nameOf(id), { properties })
  return [{ kind: 'defaultRoute', tableId, route, isMade: false }]
}

function attachmentsOf({ id: subnetId, body, changes }: Put, puts: Put[]): OwnLead[] {
  if (body !== null) return []
  return changes.flatMap((change): OwnLead[] => {
    const attached = change.op === 'set' ? idIn(change.value) : null
    if (attached === null) return []
    if (change.path === '/properties/natGateway')
      return [{ kind: 'natGateway', subnetId, gatewayId: attached }]
    if (change.path !== '/properties/routeTable') return []
    const table = puts.find(({ id, body }) => body !== null && idKey(id) === idKey(attached))
    return [{ kind: 'routeTable', subnetId, tableId: attached, routes: routesIn(table?.body ?? null) }]
  })
}

function routesIn(table: JsonObject | null): RouteFacts[] | null {
  const routes = table === null ? null : valueAtPointer(table, '/properties/routes')
  if (!Array.isArray(routes)) return null
  return routes.flatMap((route) => {
    const name = isObject(route) ? route.name : null
    return isObject(route) && typeof name === 'string' ? [routeFacts(name, route)] : []
  })
}

function routeFacts(name: string, body: JsonObject): RouteFacts {
  const at = (field: string) => valueAtPointer(body, `/properties/${field}`)
  const address = at('nextHopIpAddress')
  return {
    name,
    addressPrefix: String(at('addressPrefix')),
    nextHopType: String(at('nextHopType')),
    nextHopIpAddress: typeof address === 'string' ? address : null,
  }
}

function idIn(value: Json): string | null {
  return isObject(value) && typeof value.id === 'string' ? value.id : null
}
