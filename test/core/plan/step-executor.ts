import { TYPE_KEYS, type TypeKey } from '../../../src/contract/outbound-type.ts'
import type { RequestedPreparation } from '../../../src/contract/preparation.ts'
import type { FieldChange, Step, StepAction } from '../../../src/contract/steps.ts'
import type { NewPlan } from '../../../src/core/planner/planner.ts'
import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { afterTypeChange } from '../egress/packet-walker.ts'

/** Executes the steps of a plan on a network of the tests, so that packets can be walked between the steps. */

const appliance = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } as const

/** Each target alone, and the targets whose resources the plan can prepare. */
export const changes: [TypeKey, RequestedPreparation?][] = [
  ...TYPE_KEYS.map((key): [TypeKey] => [key]),
  ['userAssignedNATGateway', { natGateway: {} }],
  ['userAssignedNATGateway', { natGateway: { name: 'new' } }],
  ['userAssignedNATGateway', { natGateway: { name: 'new', sku: 'StandardV2' } }],
  ['userDefinedRouting', { defaultRoute: appliance }],
]

/** A blocked plan without a cutover lacks a resource that a person must add first. */
export function isExecutable({ status, cutOver }: NewPlan): boolean {
  return status !== 'blocked' || cutOver.step !== null
}

type Put = Extract<StepAction, { kind: 'putResource' }>

/** The network after one step, by the request of the step alone. */
export function execute({ key, does }: Step, world: Snapshot, to: NewPlan['to']): Snapshot {
  if (key === 'change-outbound-type') return afterTypeChange(world, to)
  if (does.kind === 'deleteResource') return withoutRoute(does.id, world)
  return does.kind === 'putResource' ? put(does, world) : world
}

function put({ id, body, changes }: Put, world: Snapshot): Snapshot {
  const properties = (body?.properties ?? {}) as Record<string, unknown>
  const ids = (name: string) => ((properties[name] ?? []) as { id: string }[]).map((item) => item.id)
  const key = id.toLowerCase()
  if (id.includes('/subnets/')) return { ...world, subnets: world.subnets.map(attach(id, changes)) }
  if (id.includes('/routes/')) return withRoute(id, properties, changes, world)
  if (id.includes('/publicIPAddresses/') || id.includes('/publicIPPrefixes/')) {
    const made = { id, address: `new ${id}` } as Snapshot['publicIps'][string]
    return { ...world, publicIps: { ...world.publicIps, [key]: made } }
  }
  if (id.includes('/natGateways/')) {
    const { name: sku } = (body?.sku ?? {}) as { name?: string }
    const publicIpIds = [...ids('publicIpAddresses'), ...ids('publicIpPrefixes')]
    const made = { id, sku, publicIpIds, subnetIds: [], sourceVirtualNetworkId: null }
    return { ...world, natGateways: { ...world.natGateways, [key]: made as never } }
  }
  const routes = ((properties.routes ?? []) as { name: string; properties: RouteFacts }[]).map((route) => ({
    ...route.properties,
    name: route.name,
  }))
  return { ...world, routeTables: { ...world.routeTables, [key]: { id, routes } as never } }
}

/** The value that the changes give a property; undefined if they do not change it. */
function changed(changes: FieldChange[], name: string): unknown {
  const change = changes.find(({ path }) => path === `/properties/${name}`)
  return change === undefined ? undefined : change.op === 'set' ? change.value : null
}

function attach(id: string, changes: FieldChange[]) {
  const idOf = (name: string, present: string | null) => {
    const value = changed(changes, name) as { id: string } | null | undefined
    return value === undefined ? present : (value?.id ?? null)
  }
  return (subnet: Snapshot['subnets'][number]) =>
    subnet.id === id
      ? {
          ...subnet,
          natGatewayId: idOf('natGateway', subnet.natGatewayId),
          routeTableId: idOf('routeTable', subnet.routeTableId),
        }
      : subnet
}

function withRoute(id: string, properties: object, changes: FieldChange[], world: Snapshot): Snapshot {
  const [tableId, name = ''] = id.split('/routes/')
  const edit = (routes: RouteFacts[]) => {
    const present = routes.find((route) => route.name === name)
    const values = ['nextHopType', 'nextHopIpAddress'].flatMap((field) => {
      const value = changed(changes, field)
      return value === undefined ? [] : [[field, value]]
    })
    const { nextHopIpAddresses: hops, ...rest } = present ?? {}
    const isOne = changed(changes, 'nextHop') === null || hops === undefined
    const several = isOne ? {} : { nextHopIpAddresses: hops }
    const route = { ...rest, ...several, ...properties, ...Object.fromEntries(values), name } as RouteFacts
    return [...routes.filter((item) => item !== present), route]
  }
  return editTable(tableId, edit, world)
}

function withoutRoute(id: string, world: Snapshot): Snapshot {
  const [tableId, name] = id.split('/routes/')
  return editTable(tableId, (routes) => routes.filter((route) => route.name !== name), world)
}

function editTable(id: string | undefined, edit: (routes: RouteFacts[]) => RouteFacts[], world: Snapshot) {
  const tables = Object.entries(world.routeTables).map(
    ([key, table]) => [key, table.id === id ? { ...table, routes: edit(table.routes) } : table] as const,
  )
  return { ...world, routeTables: Object.fromEntries(tables) }
}
