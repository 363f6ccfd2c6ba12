import {
  hasBasicLoadBalancer,
  isManagedNatGateway,
  networkProfileOf,
  outboundTypeKey,
} from '../arm/managed-cluster.ts'
import { idsAt, inOrder, type JsonObject, objectAt, withMembers } from '../lib/json.ts'
import type { EgressChange } from '../world/operation.ts'
import type { World } from '../world/world.ts'
import { disableLoadBalancerEgress, enableLoadBalancerEgress, withoutAddresses } from './load-balancer.ts'
import { disableBlock, enableBlock, ensureManagedNetwork } from './managed-resources.ts'
import { disableManagedNatGateway, enableManagedNatGateway } from './nat-gateway.ts'

/** Order of members in a shown networkProfile (test/data/recordings; members after ipFamilies are inferred). */
const NETWORK_PROFILE_ORDER = [
  'networkPlugin',
  'networkPluginMode',
  'networkPolicy',
  'networkDataplane',
  'loadBalancerSku',
  'loadBalancerProfile',
  'natGatewayProfile',
  'podCidr',
  'serviceCidr',
  'dnsServiceIP',
  'dockerBridgeCidr',
  'outboundType',
  'podCidrs',
  'serviceCidrs',
  'ipFamilies',
]

/** A networkProfile in the order in which it is shown. */
export function orderedNetworkProfile(profile: JsonObject): JsonObject {
  return inOrder(profile, NETWORK_PROFILE_ORDER)
}

/**
 * Applies an egress change to the resources around a cluster and returns the cluster's final networkProfile. What is
 * created, released and left per pair follows egress-outboundtype and the AKS release notes of 2023-07-30.
 * User-assigned gateways and routes never change.
 */
export function changeEgress(world: World, cluster: JsonObject, change: EgressChange): JsonObject {
  ensureManagedNetwork(world, cluster)
  const profile = networkProfileOf(cluster)
  let loadBalancerProfile = change.loadBalancerProfile ?? objectAt(profile, 'loadBalancerProfile')
  let natGatewayProfile = change.natGatewayProfile
  const hasLeft = (profile: string) => idsAt(change.before, profile, 'effectiveOutboundIPs').length > 0
  // A failed change leaves the former egress. The next update of the cluster completes the change (inferred).
  if (change.to !== 'loadBalancer' && (change.from === 'loadBalancer' || hasLeft('loadBalancerProfile')))
    loadBalancerProfile = disableLoadBalancerEgress(world, cluster)
  if (!isManagedNatGateway(change.to) && (isManagedNatGateway(change.from) || hasLeft('natGatewayProfile')))
    disableManagedNatGateway(world, cluster)
  if (change.from === 'block' && change.to !== 'block') disableBlock(world, cluster)
  if (change.to === 'loadBalancer' && !hasBasicLoadBalancer(profile))
    loadBalancerProfile = enableLoadBalancerEgress(world, cluster, change.loadBalancerProfile ?? {})
  else if (loadBalancerProfile !== undefined) loadBalancerProfile = withoutAddresses(loadBalancerProfile)
  if (isManagedNatGateway(change.to))
    natGatewayProfile = enableManagedNatGateway(world, cluster, change.natGatewayProfile ?? {})
  if (change.to === 'block') enableBlock(world, cluster)
  return orderedNetworkProfile(withMembers(profile, { loadBalancerProfile, natGatewayProfile }))
}

/**
 * Creates the resources that a cluster from a bare body needs: node resource group, managed network, load balancer or
 * gateway, and an address for every effective address in the body. Returns the body with its addresses.
 */
export function provisionClusterResources(world: World, cluster: JsonObject): JsonObject {
  const profile = networkProfileOf(cluster)
  const key = outboundTypeKey(profile)
  const networkProfile = changeEgress(world, cluster, {
    from: key,
    to: key,
    loadBalancerProfile: objectAt(profile, 'loadBalancerProfile'),
    natGatewayProfile: isManagedNatGateway(key) ? (objectAt(profile, 'natGatewayProfile') ?? {}) : undefined,
    ignored: false,
    before: profile,
    accessBefore: undefined,
  })
  const properties = objectAt(cluster, 'properties') ?? {}
  return { ...cluster, properties: { ...properties, networkProfile } }
}
