import type { Unread } from '../../contract/preflight.ts'
import { groupKey, idKey, nodeGroupId, subscriptionOf } from '../arm/resource-id.ts'
import { emptyCollection, type NetworkCollection, vnetKeyOf } from '../snapshot/assemble.ts'
import type { FirewallFacts, RouteTableFacts } from '../snapshot/network-facts.ts'
import {
  hubSubscriptions,
  missingReads,
  otherSubscriptions,
  requiredReads,
} from '../snapshot/required-reads.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'

/** Each round can name resources that the next one needs: subnets name gateways, and gateways name addresses. */
const MAX_ROUNDS = 4

type Kind = keyof NetworkCollection

/**
 * The network of all clusters, with indexes, so that the resources of one of 10,000 clusters are found without a search
 * over all resources.
 */
export class EstateNetwork {
  readonly #all = emptyCollection()
  /** The keys of the resources in each resource group. */
  readonly #groups = new Map<string, { kind: Kind; key: string }[]>()
  readonly #firewallsByAddress = new Map<string, FirewallFacts[]>()
  readonly #addressKeys = new Map<string, string>()
  /** NAT gateways by the key of a subnet, or of a whole virtual network. */
  readonly #gatewayKeys = new Map<string, string>()

  add<K extends Kind>(kind: K, items: readonly NetworkCollection[K][string][]): void {
    for (const item of items) {
      const key = idKey(item.id)
      ;(this.#all[kind] as Record<string, NetworkCollection[K][string]>)[key] = item
      addTo(this.#groups, groupOf(key), { kind, key })
    }
    if (kind === 'azureFirewalls')
      for (const firewall of items as readonly FirewallFacts[])
        for (const address of firewall.privateAddresses) addTo(this.#firewallsByAddress, address, firewall)
    if (kind === 'publicIPAddresses')
      for (const { id, address } of items as readonly NetworkCollection['publicIPAddresses'][string][])
        if (address !== null) this.#addressKeys.set(address, idKey(id))
    if (kind === 'natGateways')
      for (const {
        id,
        subnetIds,
        sourceVirtualNetworkId,
      } of items as readonly NetworkCollection['natGateways'][string][])
        for (const served of [
          ...subnetIds,
          ...(sourceVirtualNetworkId === null ? [] : [sourceVirtualNetworkId]),
        ])
          this.#gatewayKeys.set(idKey(served), idKey(id))
  }

  /** The resources that determine the egress of a cluster, and the missing ones. */
  around(cluster: ClusterFacts): { network: NetworkCollection; missing: Unread[] } {
    const network = emptyCollection()
    for (const { kind, key } of this.#groups.get(groupOf(idKey(`${nodeGroupId(cluster)}/`))) ?? [])
      this.#copy(network, kind, key)
    for (let round = 0; round < MAX_ROUNDS; round++) this.#copyRequired(cluster, network)
    const missing = missingReads(requiredReads(cluster, network, []), network)
    return { network, missing: missing.filter(isReal).map(({ id }) => toMissing(id)) }
  }

  #copyRequired(cluster: ClusterFacts, network: NetworkCollection): void {
    for (const { kind, id } of requiredReads(cluster, network, [])) this.#copy(network, kind, idKey(id))
    for (const vnet of Object.values(network.virtualNetworks)) this.#copyGateway(network, idKey(vnet.id))
    // As for a plan: private addresses repeat from network to network, and a peered network comes last.
    for (const read of [() => ownSubscriptions(cluster), () => hubSubscriptions(cluster, network, null)]) {
      const subscriptions = read().map(idKey)
      for (const table of Object.values(network.routeTables)) this.#copyHops(network, table, subscriptions)
    }
  }

  /** The firewalls of these subscriptions at the next hops of a table, and the public addresses that its routes name. */
  #copyHops(network: NetworkCollection, { routes }: RouteTableFacts, subscriptions: string[]): void {
    for (const { addressPrefix, nextHopIpAddress, nextHopIpAddresses = [] } of routes) {
      const address = this.#addressKeys.get(addressPrefix.replace(/\/32$/, ''))
      if (address !== undefined) this.#copy(network, 'publicIPAddresses', address)
      for (const hop of [nextHopIpAddress ?? '', ...nextHopIpAddresses])
        for (const firewall of this.#firewallsByAddress.get(hop) ?? []) {
          if (!subscriptions.includes(idKey(subscriptionOf(firewall.id)))) continue
          this.#copy(network, 'azureFirewalls', idKey(firewall.id))
          for (const subnet of firewall.subnetIds) {
            this.#copyGateway(network, idKey(subnet))
            this.#copyGateway(network, vnetKeyOf(subnet))
            this.#copy(network, 'virtualNetworks', vnetKeyOf(subnet))
          }
        }
    }
  }

  /** The NAT gateway of a subnet or of a virtual network, with its addresses. */
  #copyGateway(network: NetworkCollection, served: string): void {
    const key = this.#gatewayKeys.get(served)
    const gateway = key === undefined ? undefined : this.#all.natGateways[key]
    if (key === undefined || gateway === undefined) return
    this.#copy(network, 'natGateways', key)
    for (const id of gateway.publicIpIds) this.#copy(network, 'publicIPAddresses', idKey(id))
    for (const id of gateway.publicIpPrefixIds) this.#copy(network, 'publicIPPrefixes', idKey(id))
  }

  #copy<K extends Kind>(network: NetworkCollection, kind: K, key: string): void {
    const item = this.#all[kind][key]
    if (item !== undefined) (network[kind] as Record<string, typeof item>)[key] = item
  }
}

function ownSubscriptions(cluster: ClusterFacts): string[] {
  return [cluster.subscriptionId, ...otherSubscriptions(cluster, [])]
}

function addTo<T>(index: Map<string, T[]>, key: string, item: T): void {
  const items = index.get(key)
  if (items === undefined) index.set(key, [item])
  else items.push(item)
}

/** The common prefix of the keys in a resource group. */
function groupOf(key: string): string {
  const [, , subscriptionId = '', , resourceGroup = ''] = key.split('/')
  return groupKey(subscriptionId, resourceGroup)
}

/** A cluster without a load balancer has none to read, and security groups do not determine paths. */
function isReal({ kind }: { kind: Kind }): boolean {
  return kind !== 'loadBalancers' && kind !== 'networkSecurityGroups'
}

/** Resource Graph silently omits resources that the identity may not read. */
function toMissing(id: string): Unread {
  return {
    what: id,
    reason: 'not-found',
    code: 'NotInInventory',
    message: 'The resource does not exist, or this service has no permission to read it.',
  }
}
