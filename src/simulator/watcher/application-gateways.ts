import { parseBlock } from '../lib/ip.ts'
import { type JsonObject, lowerCaseAt, objectsAt, textAt } from '../lib/json.ts'
import { INTERNET } from './node-groups.ts'
import { type Hop, matchRoute } from './routes.ts'
import { readSubnet, type WorldReader } from './world-reader.ts'

const TYPE = 'microsoft.network/applicationgateways'

/** Next hops of a default route that Application Gateway v2 does not support (configuration-infrastructure). */
const UNSUPPORTED: Hop[] = ['VirtualAppliance', 'VirtualApplianceEcmp', 'VirtualNetworkGateway', 'None']

/** Whether a change of this resource can affect an application gateway. */
export function decidesAboutGateways(type: string): boolean {
  return [TYPE, 'microsoft.network/routetables', 'microsoft.network/virtualnetworks'].includes(type)
}

/**
 * IDs of the subnets whose application gateway of version 2 has lost its path to the internet. A gateway without a
 * public frontend is a private deployment, which supports every default route (application-gateway-private-deployment).
 */
export function brokenGatewaySubnets(reader: WorldReader): Set<string> {
  const address = parseBlock(INTERNET.IPv4)
  const subnetIds = reader.list(TYPE).filter(needsInternet).flatMap(subnetsOf)
  return new Set(
    subnetIds.filter((id) => {
      const subnet = readSubnet(reader, id)
      return (
        subnet !== undefined &&
        address !== undefined &&
        UNSUPPORTED.includes(matchRoute(reader, subnet, address).hop)
      )
    }),
  )
}

function needsInternet(gateway: JsonObject): boolean {
  const frontends = objectsAt(gateway, 'properties', 'frontendIPConfigurations')
  return (
    lowerCaseAt(gateway, 'properties', 'sku', 'tier').endsWith('_v2') &&
    frontends.some((frontend) => textAt(frontend, 'properties', 'publicIPAddress', 'id') !== undefined)
  )
}

function subnetsOf(gateway: JsonObject): string[] {
  return objectsAt(gateway, 'properties', 'gatewayIPConfigurations').flatMap(
    (configuration) => textAt(configuration, 'properties', 'subnet', 'id') ?? [],
  )
}
