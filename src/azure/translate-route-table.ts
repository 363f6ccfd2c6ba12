import type { RouteTableFacts } from '../core/network-facts.ts'
import type { BodyReader } from './body-reader.ts'

/** The facts of a route table. */
export function translateRouteTable(body: BodyReader): RouteTableFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    disableBgpRoutePropagation: properties.flag('disableBgpRoutePropagation'),
    routes: properties.list('routes').map((route) => ({
      name: route.text('name') ?? '',
      addressPrefix: route.at('properties').text('addressPrefix') ?? '',
      nextHopType: route.at('properties').text('nextHopType') ?? '',
      nextHopIpAddress: route.at('properties').text('nextHopIpAddress') || null,
    })),
    subnetIds: properties.ids('subnets'),
  }
}
