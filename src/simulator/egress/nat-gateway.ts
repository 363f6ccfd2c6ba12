import { clusterRefOf, networkProfileOf, nodeResourceId } from '../arm/managed-cluster.ts'
import {
  idsAt,
  inOrder,
  type JsonObject,
  numberAt,
  objectAt,
  references,
  textAt,
  withMembers,
} from '../lib/json.ts'
import { changeSubnet } from '../network/network-body.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import { aksSubnetIds, createManagedIp, managedIpsAmong, scaleManagedIps } from './managed-resources.ts'

/** Order of members in a shown profile; the positions of `sku` and of the V2 members are inferred. */
const PROFILE_ORDER = [
  'managedOutboundIPProfile',
  'outboundIPs',
  'outboundIPPrefixes',
  'effectiveOutboundIPs',
  'idleTimeoutInMinutes',
  'sku',
]

/** A NAT gateway profile in the order in which it is shown. */
export function orderedNatGatewayProfile(profile: JsonObject): JsonObject {
  return inOrder(profile, PROFILE_ORDER)
}

/**
 * Makes a NAT gateway in the node resource group carry egress, attached to the AKS subnet. A gateway of the other
 * SKU is replaced under the same name with new addresses (nat-gateway). Returns the profile with its
 * effective addresses.
 */
export function enableManagedNatGateway(world: World, cluster: JsonObject, wanted: JsonObject): JsonObject {
  const profile = withNatDefaults(wanted)
  const sku = textAt(profile, 'sku') === 'StandardV2' ? 'StandardV2' : 'Standard'
  const id = natGatewayId(cluster)
  const old = world.get(id)
  if (old !== undefined && textAt(old, 'sku', 'name') !== sku) disableManagedNatGateway(world, cluster)
  const present = idsAt(networkProfileOf(cluster), 'natGatewayProfile', 'effectiveOutboundIPs')
  if (old === undefined)
    for (const address of present)
      if (world.get(address) === undefined && /\/publicIPAddresses\//i.test(address))
        createManagedIp(world, cluster, {
          family: address.endsWith('-ipv6') ? 'IPv6' : 'IPv4',
          sku,
          id: address,
        })
  const own = customerNatAddresses(profile)
  const count = own.length > 0 ? 0 : (numberAt(profile, 'managedOutboundIPProfile', 'count') ?? 1)
  const countIPv6 = own.length > 0 ? 0 : (numberAt(profile, 'managedOutboundIPProfile', 'countIPv6') ?? 0)
  const existing4 = managedIpsAmong(world, cluster, present, 'IPv4')
  const existing6 = managedIpsAmong(world, cluster, present, 'IPv6')
  const v4 = scaleManagedIps(world, cluster, existing4, { family: 'IPv4', sku, count })
  const v6 = scaleManagedIps(world, cluster, existing6, { family: 'IPv6', sku, count: countIPv6 })
  world.put(gatewayBody(world, cluster, { id, sku, profile, v4: v4.ids, v6: v6.ids }))
  for (const subnetId of aksSubnetIds(world, cluster)) changeSubnet(world, subnetId, { natGateway: { id } })
  for (const address of [...v4.surplus, ...v6.surplus]) world.remove(address)
  return orderedNatGatewayProfile({
    ...profile,
    effectiveOutboundIPs: references([...own, ...v4.ids, ...v6.ids]),
  })
}

/** Detaches and deletes the managed gateway and releases its managed addresses (inferred; AKS release notes of 2023-07-30). */
export function disableManagedNatGateway(world: World, cluster: JsonObject): void {
  const id = natGatewayId(cluster)
  for (const subnetId of aksSubnetIds(world, cluster))
    changeSubnet(world, subnetId, { natGateway: undefined })
  const present = idsAt(networkProfileOf(cluster), 'natGatewayProfile', 'effectiveOutboundIPs')
  const released = (['IPv4', 'IPv6'] as const).flatMap((family) =>
    managedIpsAmong(world, cluster, present, family),
  )
  world.remove(id)
  for (const address of released) world.remove(address)
}

/** Customer addresses and prefixes of a StandardV2 gateway: plain strings in the request (azure-rest-api-specs, containerservice). */
export function customerNatAddresses(profile: JsonObject): string[] {
  return [
    ...idsAt(profile, 'outboundIPs', 'publicIPs'),
    ...idsAt(profile, 'outboundIPPrefixes', 'publicIPPrefixes'),
  ]
}

/** Defaults: 1 address and 4 minutes (recording 3). */
export function withNatDefaults(wanted: JsonObject): JsonObject {
  const managed = objectAt(wanted, 'managedOutboundIPProfile')
  return orderedNatGatewayProfile(
    withMembers(wanted, {
      managedOutboundIPProfile:
        customerNatAddresses(wanted).length > 0 ? undefined : { count: 1, ...(managed ?? {}) },
      effectiveOutboundIPs: undefined,
      idleTimeoutInMinutes: numberAt(wanted, 'idleTimeoutInMinutes') ?? 4,
      sku: textAt(wanted, 'sku') ?? 'Standard',
    }),
  )
}

/** The ID of the gateway. Its name is inferred from the names of other managed resources. */
function natGatewayId(cluster: JsonObject): string {
  return nodeResourceId(cluster, 'natGateways', `aks-natgateway-${digitsOf(textAt(cluster, 'id') ?? '')}`)
}

function gatewayBody(
  world: World,
  cluster: JsonObject,
  wish: { id: string; sku: string; profile: JsonObject; v4: string[]; v6: string[] },
): JsonObject {
  const ownIps = idsAt(wish.profile, 'outboundIPs', 'publicIPs')
  const ownPrefixes = idsAt(wish.profile, 'outboundIPPrefixes', 'publicIPPrefixes')
  const addresses = [...ownIps, ...wish.v4]
  const v2 =
    wish.sku === 'StandardV2' ? { scope: 'Public', flowlogs: { logsVersions: {} }, nat64: 'None' } : {}
  return {
    name: wish.id.split('/').at(-1),
    id: wish.id,
    etag: world.nextEtag(),
    type: 'Microsoft.Network/natGateways',
    location: textAt(cluster, 'location'),
    tags: { 'aks-managed-cluster-name': clusterRefOf(cluster).name },
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: textAt(world.get(wish.id), 'properties', 'resourceGuid') ?? world.nextGuid(),
      idleTimeoutInMinutes: numberAt(wish.profile, 'idleTimeoutInMinutes') ?? 4,
      ...v2,
      ...(addresses.length > 0 ? { publicIpAddresses: references(addresses) } : {}),
      ...(ownPrefixes.length > 0 ? { publicIpPrefixes: references(ownPrefixes) } : {}),
      ...(wish.v6.length > 0 ? { publicIpAddressesV6: references(wish.v6) } : {}),
      ...keptSubnets(world.get(wish.id)),
    },
    sku: { name: wish.sku, tier: 'Regional' },
  }
}

function keptSubnets(gateway: JsonObject | undefined): JsonObject {
  const subnets = idsAt(gateway, 'properties', 'subnets')
  return subnets.length > 0 ? { subnets: references(subnets) } : {}
}
