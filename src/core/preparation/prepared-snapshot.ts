import { idKey, isRoute, routeTableOf } from '../arm/resource-id.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Preparation, ResourceWrite } from './preparation.ts'

/**
 * The network after the preparation, or after the attachments in `done` only. New addresses are marked as not created
 * yet.
 */
export function preparedSnapshot(
  snapshot: Snapshot,
  { planned, writes }: Preparation,
  done: ResourceWrite[] = writes,
): Snapshot {
  if (writes.length === 0) return snapshot
  const written = new Set(done.map(({ id }) => idKey(isRoute(id) ? routeTableOf(id) : id)))
  const tables = planned.routeTables.filter(({ id }) => written.has(idKey(id)))
  return {
    ...snapshot,
    publicIps: { ...snapshot.publicIps, ...keyed(planned.publicIps) },
    publicIpPrefixes: { ...snapshot.publicIpPrefixes, ...keyed(planned.publicIpPrefixes) },
    natGateways: { ...snapshot.natGateways, ...keyed(planned.natGateways) },
    routeTables: { ...snapshot.routeTables, ...keyed(tables) },
    subnets: snapshot.subnets.map((subnet) =>
      written.has(idKey(subnet.id)) ? { ...subnet, ...planned.attachments[idKey(subnet.id)] } : subnet,
    ),
  }
}

function keyed<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [idKey(item.id), item]))
}
