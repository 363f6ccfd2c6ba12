import { equalsText, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import { networkIdOf } from '../network/network-body.ts'
import { hubsOf, peeredNetworkIds } from './routes.ts'
import type { WorldReader } from './world-reader.ts'

/**
 * The Azure Firewall that packets from a network reach at a private address. It is in the same network, a directly
 * peered network, or the virtual hub of the network. Undefined for any other appliance. Networks may reuse addresses.
 */
export function firewallAt(
  reader: WorldReader,
  network: JsonObject | undefined,
  privateAddress: string,
): JsonObject | undefined {
  const id = textAt(network, 'id') ?? ''
  const places = [id, ...peeredNetworkIds(network), ...hubsOf(reader, id)]
  const found = reader
    .list('microsoft.network/azurefirewalls')
    .filter(
      (firewall) =>
        privateAddressesOf(firewall).includes(privateAddress) &&
        places.some((place) => equalsText(place, placeOf(firewall))),
    )
  return found.length === 1 ? found[0] : undefined
}

/** The ID of the virtual network or virtual hub of a firewall. */
function placeOf(firewall: JsonObject): string | undefined {
  const subnetId = firewallSubnetId(firewall)
  return subnetId === undefined ? textAt(firewall, 'properties', 'virtualHub', 'id') : networkIdOf(subnetId)
}

function privateAddressesOf(firewall: JsonObject): string[] {
  const hub = textAt(firewall, 'properties', 'hubIPAddresses', 'privateIPAddress')
  return [
    ...(hub === undefined ? [] : [hub]),
    ...configurationsOf(firewall).flatMap((each) => textAt(each, 'properties', 'privateIPAddress') ?? []),
  ]
}

function configurationsOf(firewall: JsonObject): JsonObject[] {
  return objectsAt(firewall, 'properties', 'ipConfigurations')
}

/** The ID of AzureFirewallSubnet; undefined for a firewall in a virtual hub. */
export function firewallSubnetId(firewall: JsonObject): string | undefined {
  return configurationsOf(firewall).flatMap((each) => textAt(each, 'properties', 'subnet', 'id') ?? [])[0]
}

/** IDs of the public addresses of a firewall in a virtual network. */
export function firewallPublicIpIds(firewall: JsonObject): string[] {
  return configurationsOf(firewall).flatMap(
    (each) => textAt(each, 'properties', 'publicIPAddress', 'id') ?? [],
  )
}

/** The public addresses of a firewall in a virtual hub, which are no resources of the customer. */
export function hubPublicAddresses(firewall: JsonObject): string[] {
  return objectsAt(firewall, 'properties', 'hubIPAddresses', 'publicIPs', 'addresses').flatMap(
    (each) => textAt(each, 'address') ?? [],
  )
}
