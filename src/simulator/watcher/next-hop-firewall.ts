import { equalsText, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import { networkIdOf } from '../network/network-body.ts'
import { hubConnections, hubOf, peeredNetworkIds } from './routes.ts'
import type { WorldReader } from './world-reader.ts'

/**
 * The Azure Firewall with a private address; undefined for any other appliance. Networks may reuse addresses. Azure
 * delivers packets only to the same network, a peered network, or a virtual hub with a connection.
 */
export function firewallAt(
  reader: WorldReader,
  network: JsonObject | undefined,
  privateAddress: string,
): JsonObject | undefined {
  const near = [textAt(network, 'id') ?? '', ...peeredNetworkIds(network)]
  const reachable = reader.list('microsoft.network/azurefirewalls').filter((firewall) => {
    if (!privateAddressesOf(firewall).includes(privateAddress)) return false
    const subnetId = firewallSubnetId(firewall)
    return subnetId === undefined
      ? isConnectedToHub(reader, network, firewall)
      : near.some((id) => equalsText(id, networkIdOf(subnetId)))
  })
  return reachable.length === 1 ? reachable[0] : undefined
}

function isConnectedToHub(
  reader: WorldReader,
  network: JsonObject | undefined,
  firewall: JsonObject,
): boolean {
  const hub = textAt(firewall, 'properties', 'virtualHub', 'id')
  return hubConnections(reader, textAt(network, 'id')).some((connection) =>
    equalsText(hubOf(connection), hub),
  )
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
