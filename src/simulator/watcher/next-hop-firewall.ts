import { equalsText, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import { networkIdOf } from '../network/network-body.ts'
import { peeredNetworkIds } from './routes.ts'
import type { WorldReader } from './world-reader.ts'

/**
 * The Azure Firewall with a private address. Networks may reuse addresses, so among several firewalls only one in the
 * same or a peered network counts; undefined for any other appliance.
 */
export function firewallAt(
  reader: WorldReader,
  network: JsonObject | undefined,
  privateAddress: string,
): JsonObject | undefined {
  const found = reader
    .list('microsoft.network/azurefirewalls')
    .filter((firewall) => privateAddressesOf(firewall).includes(privateAddress))
  if (found.length < 2) return found[0]
  const near = [textAt(network, 'id') ?? '', ...peeredNetworkIds(network)]
  const reachable = found.filter((firewall) =>
    near.some((id) => equalsText(id, networkIdOf(firewallSubnetId(firewall) ?? ''))),
  )
  return reachable.length === 1 ? reachable[0] : undefined
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
