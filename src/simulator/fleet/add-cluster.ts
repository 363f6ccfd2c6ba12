import { networkProfileOf } from '../arm/managed-cluster.ts'
import { saveCluster } from '../cluster/merge-cluster.ts'
import { provisionClusterResources } from '../egress/change-egress.ts'
import { loadBalancerChild, loadBalancerId } from '../egress/load-balancer.ts'
import { idsAt, type JsonObject, objectAt, objectsAt, textAt, withProperties } from '../lib/json.ts'
import { putPublicIp } from '../network/public-ip.ts'
import type { World } from '../world/world.ts'
import { type ClusterSpec, clusterBody } from './cluster-body.ts'
import { clusterId, LOCATION, RESOURCE_GROUP, SUBSCRIPTION } from './customer-network.ts'

/** Stores a cluster with all resources that AKS creates for it; returns the cluster. */
export function addCluster(world: World, spec: ClusterSpec): JsonObject {
  const cluster = provisionClusterResources(world, saveCluster(world, clusterBody(spec)))
  world.put(cluster)
  if (spec.isPrivate === true) addPrivateZone(world, cluster, spec.subnetIds ?? [])
  return cluster
}

/** The private DNS zone that AKS creates for a private cluster, linked to the network of the cluster. */
function addPrivateZone(world: World, cluster: JsonObject, subnetIds: string[]): void {
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  const [host = '', ...zone] = (textAt(cluster, 'properties', 'privateFQDN') ?? '').split('.')
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Network/privateDnsZones/${zone.join('.')}`
  world.put({
    id,
    name: zone.join('.'),
    type: 'Microsoft.Network/privateDnsZones',
    location: 'global',
    properties: { provisioningState: 'Succeeded', numberOfVirtualNetworkLinks: 1 },
  })
  const own = subnetIds.map((subnet) => subnet.replace(/\/subnets\/[^/]+$/i, ''))
  const managed = world
    .list('microsoft.network/virtualnetworks', { subscription: SUBSCRIPTION, resourceGroup: group })
    .flatMap((network) => textAt(network, 'id') ?? [])
  const networks = new Set(own.length > 0 ? own : managed)
  for (const network of networks)
    world.put({
      id: `${id}/virtualNetworkLinks/${host}`,
      name: host,
      type: 'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
      location: 'global',
      properties: {
        provisioningState: 'Succeeded',
        registrationEnabled: false,
        virtualNetwork: { id: network },
        virtualNetworkLinkState: 'Completed',
      },
    })
}

/** The public addresses that a cluster's profiles name as effective, as text. */
function egressAddresses(world: World, cluster: JsonObject): string[] {
  const profile = networkProfileOf(cluster)
  return [
    ...idsAt(profile, 'loadBalancerProfile', 'effectiveOutboundIPs'),
    ...idsAt(profile, 'natGatewayProfile', 'effectiveOutboundIPs'),
  ].flatMap((id) => textAt(world.get(id), 'properties', 'ipAddress') ?? [])
}

/** Sets the authorized IP ranges: the egress addresses of the cluster and the given ranges. */
export function authorizeRanges(world: World, cluster: JsonObject, ranges: string[]): void {
  const own = egressAddresses(world, cluster).map((address) => `${address}/32`)
  const profile = objectAt(cluster, 'properties', 'apiServerAccessProfile') ?? {}
  world.put(
    withProperties(cluster, {
      apiServerAccessProfile: { ...profile, authorizedIPRanges: [...own, ...ranges] },
    }),
  )
}

/** Two Services of type LoadBalancer: frontends with their own public addresses, rules and probes. */
export function addPublicServices(world: World, cluster: JsonObject): void {
  const id = loadBalancerId(cluster)
  const frontends: JsonObject[] = []
  const rules: JsonObject[] = []
  const probes: JsonObject[] = []
  for (const port of [80, 443]) {
    const name = `a${world.nextGuid().replaceAll('-', '')}`
    frontends.push(
      loadBalancerChild(id, 'frontendIPConfigurations', name, {
        privateIPAllocationMethod: 'Dynamic',
        publicIPAddress: { id: servicePublicIp(world, cluster, name) },
        loadBalancingRules: [{ id: `${id}/loadBalancingRules/${name}-TCP-${port}` }],
      }),
    )
    probes.push(
      loadBalancerChild(id, 'probes', `${name}-TCP-${port}`, {
        protocol: 'Tcp',
        port: 30_000 + port,
        intervalInSeconds: 5,
        numberOfProbes: 2,
      }),
    )
    rules.push(
      loadBalancerChild(id, 'loadBalancingRules', `${name}-TCP-${port}`, {
        frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/${name}` },
        backendAddressPool: { id: `${id}/backendAddressPools/kubernetes` },
        probe: { id: `${id}/probes/${name}-TCP-${port}` },
        protocol: 'Tcp',
        frontendPort: port,
        backendPort: port,
        idleTimeoutInMinutes: 4,
        enableFloatingIP: true,
        enableTcpReset: true,
        disableOutboundSnat: true,
      }),
    )
  }
  const body = world.get(id)
  if (body === undefined) return
  const present = objectsAt(body, 'properties', 'frontendIPConfigurations')
  world.put(
    withProperties(body, {
      frontendIPConfigurations: [...present, ...frontends],
      loadBalancingRules: rules,
      probes,
    }),
  )
}

/** The cloud provider names a Service's address after the cluster and the Service. */
function servicePublicIp(world: World, cluster: JsonObject, service: string): string {
  const group = textAt(cluster, 'properties', 'nodeResourceGroup')
  return putPublicIp(world, {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Network/publicIPAddresses/kubernetes-${service}`,
    location: LOCATION,
    tags: { 'k8s-azure-cluster-name': 'kubernetes', 'k8s-azure-service': `shop/${service.slice(0, 8)}` },
  })
}

/** The IPv4 egress addresses of demo clusters. */
export function demoEgressAddresses(world: World, ...clusters: string[]): string[] {
  return clusters
    .flatMap((name) => egressAddresses(world, world.get(clusterId(name)) ?? {}))
    .filter((address) => !address.includes(':'))
}

/** The block of 65,536 addresses around an address, as some users write instead of single addresses. */
export function surroundingBlock(address: string): string {
  return `${address.split('.').slice(0, 2).join('.')}.0.0/16`
}

/** The first and the last of the 256 addresses around one. */
export function surroundingRange(address: string): [string, string] {
  const start = address.split('.').slice(0, 3).join('.')
  return [`${start}.0`, `${start}.255`]
}

/** The id of a resource of any type in the demo resource group; children are named `type/name/childType/childName`. */
export function demoId(provider: string, path: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/${provider}/${path}`
}
