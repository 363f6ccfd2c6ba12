import { isCidr } from '../cidr.ts'
import { effectiveDefaultRouteOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Tables that lead only Azure's own services to the internet: what nodes start by is not all among them (SERVICE_TAG_ONLY_ROUTES). */
export const serviceTagRoutes: Check = ({ snapshot, to, isNoChange }) => {
  if (isNoChange || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const found = snapshot.subnets.flatMap((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const tags = (table?.routes ?? []).filter(
      (route) => route.nextHopType === 'Internet' && !isCidr(route.addressPrefix),
    )
    const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
    const hasWayOut =
      route === 'mixed' || (typeof route === 'object' && /^Virtual/.test(route?.nextHopType ?? ''))
    return table === undefined || tags.length === 0 || hasWayOut
      ? []
      : [{ routeTable: nameOf(table.id), tags: tags.map((each) => each.addressPrefix) }]
  })
  return found.length === 0
    ? []
    : [
        finding('SERVICE_TAG_ONLY_ROUTES', {
          tables: [...new Map(found.map((each) => [each.routeTable, each])).values()],
        }),
      ]
}
