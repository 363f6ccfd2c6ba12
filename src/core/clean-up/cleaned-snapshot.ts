import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Detachment } from './detachment.ts'

/** The network once everything is detached: what the cluster then leaves by follows from it. */
export function cleanedSnapshot(snapshot: Snapshot, detachments: Detachment[]): Snapshot {
  if (detachments.length === 0) return snapshot
  const taken = (takes: string) =>
    new Set(detachments.filter((each) => each.takes === takes).flatMap((each) => each.subnets.map(idKey)))
  const [gateways, tables] = [taken('natGateway'), taken('routeTable')]
  const routes = new Set(
    detachments.filter((each) => each.takes === 'defaultRoute').map((each) => idKey(each.id)),
  )
  const routeTables = Object.entries(snapshot.routeTables).map(([key, table]) => {
    const left = table.routes.filter((route) => !routes.has(idKey(`${table.id}/routes/${route.name}`)))
    return [key, { ...table, routes: left }] as const
  })
  return {
    ...snapshot,
    routeTables: Object.fromEntries(routeTables),
    subnets: snapshot.subnets.map((subnet) => ({
      ...subnet,
      natGatewayId: gateways.has(idKey(subnet.id)) ? null : subnet.natGatewayId,
      routeTableId: tables.has(idKey(subnet.id)) ? null : subnet.routeTableId,
    })),
  }
}
